"""A fault as a scenario: how it is planted on a running laptop cloud, and what must be seen of it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.truth.expectation import ALWAYS, Expectation
from tests.faults.truth.observation import Observations
from tests.faults.truth.site import Site

Plant = Callable[[Site], AbstractContextManager[None]]
Place = Callable[[Path, Path], AbstractContextManager[Site]]  # of an empty folder and the engine's program


@dataclass(frozen=True, slots=True)
class Mutant:
    """What would be seen of a product that behaves otherwise; at least one expectation must complain."""

    name: str
    change: Callable[[Observations], Observations]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One fault. `planted` says how, for people; it lasts `lasts_s`; `place` is what it is planted on."""

    name: str
    planted: str
    place: Place
    plant: Plant
    lasts_s: float
    expectations: Sequence[Expectation]
    mutants: Sequence[Mutant]
    always: Sequence[Expectation] = field(default=ALWAYS)

    @property
    def slug(self) -> str:
        """The name for files and tests."""
        return self.name.lower().replace(" ", "-")

    @property
    def rows(self) -> tuple[Expectation, ...]:
        """All that must be seen."""
        return (*self.expectations, *self.always)


def complaints(scenario: Scenario, seen: Observations) -> list[str]:
    """What was seen otherwise than it must be."""
    return list(_complaints(scenario, seen))


def _complaints(scenario: Scenario, seen: Observations) -> Iterator[str]:
    for row in scenario.rows:
        for complaint in row.check(seen):
            yield f"{row.who} {row.what}: {complaint}"
