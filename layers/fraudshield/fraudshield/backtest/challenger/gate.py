"""Whether a challenger may take the champion's place: it finds nearly as much of the money, or more, for certain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fraudshield.errors import Conflict

MARGIN = 0.02  # of value recall, that a challenger may be worse by
MOST_AGE = timedelta(days=7)
MEASURE = "value_recall"
NONE_OF = 3  # what none of n accounts shows is no more frequent than 3 / n at 95 %, by the rule of three
FORCE = "; or say force: true with a note"


class NotCompared(Conflict):
    """No comparison of these two models has finished."""

    code = "not_compared"


class StaleComparison(Conflict):
    """The comparison is too old, or with another model than the one in force."""

    code = "stale_comparison"


class NotGoodEnough(Conflict):
    """The comparison does not show that the challenger is as good."""

    code = "not_good_enough"


@dataclass(frozen=True, slots=True)
class GateAnswer:
    """Whether it passes, and if not why."""

    passes: bool
    why_not: str | None = None


def gate(paired: Mapping[str, Mapping[str, Any]], margin: float = MARGIN) -> GateAnswer:
    """By the interval of the difference in value recall, challenger less champion, at the same share of reviews."""
    found = paired[MEASURE]
    if found["difference"] == 0 and found["accounts"] * margin > NONE_OF:
        return GateAnswer(passes=True)  # not one of so many accounts tells the two apart
    if not found["enough"]:
        return GateAnswer(passes=False, why_not=found["why_not"])
    if found["low"] > -margin:
        return GateAnswer(passes=True)
    return GateAnswer(
        passes=False,
        why_not=f"It may find {-found['low']:.1%} less of the money, and {margin:.1%} is the most",
    )


@dataclass(frozen=True, slots=True)
class FinishedComparison:
    """A comparison that has completed: of the challenger with which champion, each by its manifest's digest."""

    champion: str
    finished_at: datetime
    gate: GateAnswer


def check_compared(found: Sequence[FinishedComparison], champion: str, at: datetime) -> None:
    """Checks that the newest comparison with the champion lets a challenger take its place.

    Raises NotCompared, StaleComparison, NotGoodEnough.
    """
    if not found:
        raise NotCompared(f"It was not compared with the model in force{FORCE}")
    with_it = [one for one in found if one.champion == champion]
    if not with_it:
        raise StaleComparison(f"It was compared with another model than the one in force{FORCE}")
    newest = max(with_it, key=lambda one: one.finished_at)
    if at - newest.finished_at > MOST_AGE:
        raise StaleComparison(f"It was compared more than {MOST_AGE.days} days ago{FORCE}")
    if not newest.gate.passes:
        raise NotGoodEnough(f"{newest.gate.why_not}{FORCE}")
