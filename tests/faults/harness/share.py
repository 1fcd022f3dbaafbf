"""Where the time of a scoring call goes, from what the cloud itself logs: the gateway, waiting, the worker.

The gateway's share is the access log's latency without the integration's; the worker's is Duration in the REPORT
lines; what the integration took beyond that is waiting for a free worker. The logs keep whole milliseconds
and the last lines only, so these are means over what is still there.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

DURATION = re.compile(r"\tDuration: ([\d.]+) ms")
FUNCTION = "ModelFunction"


@dataclass(frozen=True, slots=True)
class Share:
    """Milliseconds a call, on average."""

    gateway: float
    waiting: float
    worker: float


def share(logs: Path) -> Share:
    """Of the scoring calls in `logs`."""
    calls = [one for line in _lines(logs / "access.log") if (one := json.loads(line))["route"] == "/api/v1/score"]
    integration = fmean(float(one["integration_latency_ms"]) for one in calls)
    durations = [found[1] for line in _lines(logs / f"{FUNCTION}.log") if (found := DURATION.search(line))]
    worker = fmean(map(float, durations))
    return Share(fmean(float(one["latency_ms"]) for one in calls) - integration, integration - worker, worker)


def _lines(path: Path) -> Iterator[str]:
    for part in (path.with_name(f"{path.name}.1"), path):
        if part.exists():
            yield from part.read_text(encoding="utf-8", errors="replace").splitlines()
