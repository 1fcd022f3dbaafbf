"""By how much a draft differs from what was decided, with an interval where there is enough to give one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil

from fraudshield.backtest.account_sums import MEASURES, Accounts, parts_of
from fraudshield.backtest.jackknife import Estimate, estimate
from fraudshield.backtest.sign_test import FEWEST
from fraudshield.backtest.student import t_quantile

CONFIDENCE = 0.95
SAMPLE = 20  # values that an entity has at least, else it is a category: three countries are no sample of countries
NEED_TRUTH = frozenset({"recall", "value_recall", "precision"})
MOST_UNKNOWABLE = 0.5


@dataclass(frozen=True, slots=True)
class PairedDifference:
    """The draft's measure less that of what was decided, and where it lies at 95 %.

    `entity` is what was left out one by one for the interval: of several the one whose interval is the widest.
    Where there is not enough for an interval, `why_not` says why, and `days_more` how long it may take.
    """

    difference: float | None
    low: float | None
    high: float | None
    entity: str
    accounts: int
    why_not: str | None = None
    days_more: int | None = None

    @property
    def enough(self) -> bool:
        """Whether there is an interval."""
        return self.why_not is None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What else an interval depends on: the days compared, and how many drafts were tried on them.

    `unknowable` is the larger share, by number or by money, of what differs that was blocked, whose truth nobody knows.
    """

    days: float
    drafts_tried: int = 1
    unknowable: float = 0.0


def paired_differences(entities: Mapping[str, Accounts], at: Circumstances) -> dict[str, PairedDifference]:
    """Of each measure. `entities` has the sums by each entity, that of the sender's accounts first."""
    sampled = sampled_entities(entities)
    return {measure: _difference(measure, sampled, at) for measure in MEASURES}


def sampled_entities(entities: Mapping[str, Accounts]) -> Mapping[str, Accounts]:
    """Those that have values enough to be a sample of such values; the first in any case."""
    first = next(iter(entities))
    return {name: one for name, one in entities.items() if name == first or one.total() >= SAMPLE}


def _difference(measure: str, entities: Mapping[str, Accounts], at: Circumstances) -> PairedDifference:
    estimates = {name: estimate(parts_of(accounts, measure)) for name, accounts in entities.items()}
    known = {name: one for name, one in estimates.items() if one is not None}
    if not known:
        return PairedDifference(None, None, None, next(iter(entities)), 0, "Nothing of that kind was compared")
    fewest = min(known, key=lambda name: known[name].discordant)
    if why_not := _why_not(measure, fewest, known[fewest], at):
        one = known[fewest]
        days_more = _days_more(one.discordant, at.days)
        return PairedDifference(one.difference, None, None, fewest, one.accounts, why_not, days_more)
    return _widest(known.items(), at)


def _widest(known: Iterable[tuple[str, Estimate]], at: Circumstances) -> PairedDifference:
    """Bonferroni: of several drafts each may be wrong by its part of 5 %."""
    upper = 1 - (1 - CONFIDENCE) / 2 / at.drafts_tried
    half = {name: t_quantile(upper, one.accounts - 1) * (one.error or 0.0) for name, one in known}
    widest = max(half, key=half.__getitem__)
    one = dict(known)[widest]
    low, high = one.difference - half[widest], one.difference + half[widest]
    return PairedDifference(one.difference, low, high, widest, one.accounts)


def _why_not(measure: str, entity: str, one: Estimate, at: Circumstances) -> str | None:
    if measure in NEED_TRUTH and at.unknowable > MOST_UNKNOWABLE:
        share = f"{at.unknowable:.0%}"
        return f"{share} of what differs was blocked, and what that was nobody will know; at most half may be"
    if one.discordant < FEWEST:
        return f"Only {one.discordant} values of {entity} tell the two apart; {FEWEST} are needed"
    if not one.error:
        return f"All values of {entity} differ alike, so that nothing says how far off this may be"
    return None


def _days_more(discordant: int, days: float) -> int | None:
    """How many more days would bring enough, at the pace so far; None where nothing tells, or it is not for time."""
    if not 0 < discordant < FEWEST:
        return None
    return ceil(days * (FEWEST - discordant) / discordant)
