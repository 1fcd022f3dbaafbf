"""What was seen of a laptop cloud before, during and after a fault; small enough to be kept as a file."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

BEFORE, DURING, AFTER = "before", "during", "after"
CAUGHT_UP = "caught up"  # from when everything is as before the fault


@dataclass(frozen=True, slots=True)
class ObservedResponse:
    """All responses of a phase to one request that said the same. Seconds count from the beginning of the phase.

    `status` 0 is no response at all; `code` is a problem's; `told` are the key facts of the body.
    """

    request: str
    phase: str
    status: int
    code: str = ""
    told: Mapping[str, str] = field(default_factory=dict)
    problem: bool = False
    retry_after: bool = False
    first_s: float = 0.0
    last_s: float = 0.0
    slowest_s: float = 0.0
    times: int = 1

    @property
    def said(self) -> tuple[object, ...]:
        """What makes two responses the same."""
        told = tuple(sorted(self.told.items()))
        return self.request, self.phase, self.status, self.code, told, self.problem, self.retry_after

    def joined(self, other: "ObservedResponse") -> "ObservedResponse":
        """Both as one; `other` came later."""
        slowest = max(self.slowest_s, other.slowest_s)
        return replace(self, last_s=other.last_s, slowest_s=slowest, times=self.times + other.times)


@dataclass(frozen=True, slots=True)
class ObservedAlarm:
    """An alarm was first seen in a state."""

    alarm: str
    state: str
    phase: str
    at_s: float


@dataclass(frozen=True, slots=True)
class ObservedMail:
    """A mail was first seen in the mailbox."""

    subject: str
    phase: str
    at_s: float


@dataclass(frozen=True, slots=True)
class ObservedLine:
    """Lines of the log that say the same. `function` is the log's file."""

    function: str
    level: str
    message: str
    phase: str
    times: int


@dataclass(frozen=True, slots=True)
class Census:
    """Processes that run, by what they are, and the open descriptors of those that are no function's."""

    processes: Mapping[str, int]
    descriptors: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Observations:
    """Everything that was seen. `back_s` is from the end of the fault until all was as before; None: never.

    `acknowledged` is how many payments were promised to be kept; `lost` are those that are not stored in the end,
    `miscounted` the counters that differ from what the stored items come to.
    """

    responses: Sequence[ObservedResponse]
    alarms: Sequence[ObservedAlarm]
    mails: Sequence[ObservedMail]
    lines: Sequence[ObservedLine]
    before: Census
    after: Census
    acknowledged: int
    lost: Sequence[str]
    miscounted: Sequence[str]
    back_s: float | None

    def of(self, request: str, phase: str = DURING, from_s: float = 0.0) -> list[ObservedResponse]:
        """Responses to one request that still came after so many seconds."""
        found = (one for one in self.responses if (one.request, one.phase) == (request, phase))
        return [one for one in found if one.last_s >= from_s]


def merged(responses: Sequence[ObservedResponse]) -> list[ObservedResponse]:
    """Those that say the same as one, in the order in which they were first said."""
    found: dict[tuple[object, ...], ObservedResponse] = {}
    for one in responses:
        found[one.said] = found[one.said].joined(one) if one.said in found else one
    return list(found.values())


def write(seen: Observations, path: Path) -> None:
    """Keeps observations; times are rounded, so that two runs differ in little."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(_lines(seen)) + "\n", "utf-8")


def _lines(seen: Observations) -> Iterator[str]:
    for name, value in asdict(seen).items():
        for one in value if isinstance(value, (list, tuple)) and value and isinstance(value[0], dict) else [value]:
            yield json.dumps({name: _rounded(one)}, sort_keys=True)


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _rounded(one) for name, one in value.items()}
    return round(value, 1) if isinstance(value, float) else value


def read(path: Path) -> Observations:
    """What `write` kept."""
    lists: dict[str, Any] = {"responses": [], "alarms": [], "mails": [], "lines": []}
    found: dict[str, Any] = {}
    for line in path.read_text("utf-8").splitlines():
        for name, value in json.loads(line).items():
            if name in lists:
                lists[name] += [KINDS[name](**value)] if value else []
            else:
                found[name] = Census(**value) if name in {"before", "after"} else value
    return Observations(**lists, **found)


KINDS: Mapping[str, Any] = {
    "responses": ObservedResponse,
    "alarms": ObservedAlarm,
    "mails": ObservedMail,
    "lines": ObservedLine,
}
