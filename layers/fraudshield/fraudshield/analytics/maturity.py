"""How far labels can be relied on: young transactions have few yet, and labels come late."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from typing_extensions import TypedDict

from fraudshield.analytics.bin import LAGS
from fraudshield.analytics.figure.risk import in_bins
from fraudshield.analytics.figure.trend import share
from fraudshield.analytics.period import Period
from fraudshield.analytics.port import Counters, Slice
from fraudshield.analytics.statistics import number, summed

AGES = (7, 30, 60)  # days since the transaction, upper edges


class AgeOfLabels(TypedDict):
    """The transactions that are so many days old: how many of their decisions have a label by now."""

    from_days: int
    to_days: int | None
    predictions: int
    labelled: int
    labelled_share: float | None


class LagOfLabels(TypedDict):
    """Labels that came within so many days after their transaction, and later than those of the line before."""

    within_days: int | None
    labels: int


class Maturity(TypedDict):
    """How far labels can be relied on: young transactions have few yet."""

    by_age: list[AgeOfLabels]
    by_lag: list[LagOfLabels]


def label_maturity(period: Period, scores: Iterable[Slice], truths: Iterable[Slice]) -> Maturity:
    """The maturity of the labels that the decisions of the period have by now."""
    return {"by_age": _ages(period, scores, truths), "by_lag": _lags(summed(one.counters for one in truths))}


def _ages(period: Period, scores: Iterable[Slice], truths: Iterable[Slice]) -> list[AgeOfLabels]:
    made, labelled = _by_age(period, scores, ("n",)), _by_age(period, truths, ("f", "g"))
    bounds = [0, *(edge + 1 for edge in AGES)]
    return [
        {
            "from_days": bounds[at],
            "to_days": AGES[at] if at < len(AGES) else None,
            "predictions": made[at],
            "labelled": labelled[at],
            "labelled_share": share(labelled[at], made[at]),
        }
        for at in range(len(bounds))
    ]


def _by_age(period: Period, slices: Iterable[Slice], prefixes: tuple[str, ...]) -> Mapping[int, int]:
    found: dict[int, int] = defaultdict(int)
    for one in slices:
        days = (period.last - date.fromisoformat(one.at)).days
        found[sum(days > edge for edge in AGES)] += sum(in_bins(one.counters, prefix) for prefix in prefixes)
    return found


def _lags(truth: Counters) -> list[LagOfLabels]:
    edges = [edge.days for edge in LAGS]
    return [
        {"within_days": edges[at] if at < len(edges) else None, "labels": number(truth, f"lag.{at}")}
        for at in range(len(edges) + 1)
    ]
