"""What was recorded in a run: how much of everything that is billed each part of a payment's way took.

`tests/price/record.py` writes `recorded.json`; a test holds later runs to it.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = Path(__file__).with_name("recorded.json")


@dataclass(frozen=True, slots=True)
class PartRecord:
    """What `number` payments, or calls, took in one part of their way.

    `amounts` are by the names of the price table. `handler_s` are the seconds of all invocations by function, as
    measured on the machine of the run: they stand for Lambda's own, and are the one thing here that is no count.
    """

    number: int
    amounts: Mapping[str, float]
    handler_s: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run: its day, the machine that durations are of, its parts by name, and the metrics that they write."""

    day: str
    machine: str
    parts: Mapping[str, PartRecord]
    metrics: int


def read(path: Path = FILE) -> RunRecord:
    """The record that is kept with the code."""
    told = json.loads(path.read_text(encoding="utf-8"))
    return RunRecord(**told | {"parts": {name: PartRecord(**part) for name, part in told["parts"].items()}})


def write(run: RunRecord, path: Path = FILE) -> None:
    """Keeps a run."""
    path.write_text(json.dumps(asdict(run), indent=1) + "\n", encoding="utf-8")
