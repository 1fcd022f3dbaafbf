"""What a gate finds, and what was judged of it in writing."""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

WAIVERS = Path(__file__).with_name("waivers.toml")


class GateUnavailable(Exception):
    """A gate cannot be asked on this machine; says why, and what to do."""


@dataclass(frozen=True, slots=True)
class GateFinding:
    """One finding: the tool's own id of the check, where it was found, and what is wrong there."""

    gate: str
    check: str
    where: str
    said: str

    def __str__(self) -> str:
        return f"{self.gate} {self.check} {self.where}: {self.said}"


@dataclass(frozen=True, slots=True)
class Waiver:
    """That a check's findings in places are no defect. `where` may have `*`."""

    gate: str
    check: str
    where: tuple[str, ...]
    because: str

    def covers(self, finding: GateFinding) -> bool:
        """Whether it is about this finding."""
        return (self.gate, self.check) == (finding.gate, finding.check) and any(
            fnmatchcase(finding.where, pattern) for pattern in self.where
        )


def waivers(path: Path = WAIVERS) -> list[Waiver]:
    """All that are written down."""
    entries = tomllib.loads(path.read_text(encoding="utf-8")).get("finding", [])
    return [Waiver(one["gate"], one["check"], tuple(one["where"]), one["because"]) for one in entries]


def unjudged(findings: Iterable[GateFinding], judged: Sequence[Waiver]) -> list[GateFinding]:
    """The findings that nobody has judged: each is a defect, or needs a sentence."""
    return [one for one in findings if not any(waiver.covers(one) for waiver in judged)]


def idle(findings: Sequence[GateFinding], judged: Iterable[Waiver], asked: Iterable[str]) -> list[GateFinding]:
    """The waivers about nothing that a gate of `asked` finds: what they excused is mended, or mistyped."""
    gates = set(asked)
    return [
        GateFinding(one.gate, one.check, ", ".join(one.where), "is judged, and nothing of the kind is found")
        for one in judged
        if one.gate in gates and not any(one.covers(finding) for finding in findings)
    ]
