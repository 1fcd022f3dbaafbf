"""How good decisions were, as far as labels tell: by model version, and how far that is.

Everything here is of labelled transactions. Labels come late, and mostly for what was flagged, so recall is of the
frauds that somebody found. Without labels there are no figures.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from typing_extensions import TypedDict

from fraudshield.bin import LAGS, SCORE_EDGES, score_bounds
from fraudshield.contribution import APPROVE, BLOCK, REVIEW, SCORES, TRUTH
from fraudshield.fraud_trend import number, share
from fraudshield.period import Period
from fraudshield.ports import Aggregates, Counters, Slice
from fraudshield.risk_distribution import decisions
from fraudshield.statistics import summed

CAUGHT = {"review": (REVIEW, BLOCK), "block": (BLOCK,)}  # by threshold, the outcomes at or above it
AGES = (7, 30, 60)  # days since the transaction, upper edges
NONE_YET = "No transaction of the period has a label: what turned out to be fraud is not known"


class Confusion(TypedDict):
    """At a threshold as it was in force at each decision. Amounts are of labelled frauds; null where there is none."""

    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int
    precision: float | None
    recall: float | None
    f1: float | None
    amount_of_fraud: float
    amount_caught: float
    value_caught: float | None


class CalibrationBin(TypedDict):
    """Of labelled transactions with risks from `lower` to `upper`: what was said on average, and what was."""

    lower: float
    upper: float
    labelled: int
    frauds: int
    mean_risk: float
    fraud_rate: float


class Performance(TypedDict):
    """Of one model, or of all. Precision, recall and F1 are at the review threshold.

    `auprc` is the average precision over `auprc_bins` bins of the risk. `calibration_error` is the mean distance of
    what was said from what was, over labelled transactions.
    """

    total_predictions: int
    labelled: int
    labelled_fraud: int
    labelled_genuine: int
    labelled_share: float | None
    precision: float | None
    recall: float | None
    f1: float | None
    auprc: float | None
    auprc_bins: int
    value_caught: float | None
    calibration_error: float | None
    calibration: list[CalibrationBin]
    confusion: dict[str, Confusion]


class ModelPerformanceOf(Performance):
    """Of one version; rules have one of their own."""

    model_version: str


class AgeOfLabels(TypedDict):
    """Of transactions so many days old: how many of their decisions have a label by now."""

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


class ModelPerformance(Performance):
    """Of all versions together, then each."""

    days: int
    since: str
    until: str
    sources: list[str]
    models: list[ModelPerformanceOf]
    label_maturity: Maturity
    note: str | None


def model_performance(aggregates: Aggregates, period: Period) -> ModelPerformance:
    """Reads two series over the days of the period. Raises StoreUnavailable."""
    scores, truths = period.read(aggregates, SCORES), period.read(aggregates, TRUTH)
    versions = sorted({one.version for one in scores} | {one.version for one in truths})
    total = _performance(_sum(scores), _sum(truths))
    return {
        **total,
        "days": period.length,
        "since": period.first.isoformat(),
        "until": period.last.isoformat(),
        "sources": list(period.sources),
        "models": [
            {"model_version": version, **_performance(_sum(scores, version), _sum(truths, version))}
            for version in versions
        ],
        "label_maturity": {"by_age": _ages(period, scores, truths), "by_lag": _lags(_sum(truths))},
        "note": None if total["labelled"] else NONE_YET,
    }


def _sum(slices: Iterable[Slice], version: str | None = None) -> Counters:
    return summed(one.counters for one in slices if version in {None, one.version})


def _performance(scores: Counters, truth: Counters) -> Performance:
    total, frauds, genuine = decisions(scores), _labels(truth, "f"), _labels(truth, "g")
    labelled = frauds + genuine
    confusion = {name: _confusion(truth, outcomes) for name, outcomes in CAUGHT.items()} if labelled else {}
    calibration = list(_calibration(truth))
    at_review = confusion.get("review")
    return {
        "total_predictions": total,
        "labelled": labelled,
        "labelled_fraud": frauds,
        "labelled_genuine": genuine,
        "labelled_share": share(labelled, total),
        "precision": at_review and at_review["precision"],
        "recall": at_review and at_review["recall"],
        "f1": at_review and at_review["f1"],
        "auprc": _average_precision(truth) if frauds and genuine else None,
        "auprc_bins": len(SCORE_EDGES),
        "value_caught": at_review and at_review["value_caught"],
        "calibration_error": _calibration_error(calibration, labelled),
        "calibration": calibration,
        "confusion": confusion,
    }


def _labels(truth: Counters, prefix: str) -> int:
    return sum(number(truth, f"{prefix}.{at:02d}") for at in range(len(SCORE_EDGES)))


def _confusion(truth: Counters, caught: tuple[str, ...]) -> Confusion:
    missed = tuple(one for one in (APPROVE, REVIEW, BLOCK) if one not in caught)
    hits, alarms = _count(truth, "fraud", caught), _count(truth, "genuine", caught)
    misses, passed = _count(truth, "fraud", missed), _count(truth, "genuine", missed)
    stopped = sum((truth.get(f"fraud_amount.{one}", Decimal()) for one in caught), Decimal())
    lost = sum((truth.get(f"fraud_amount.{one}", Decimal()) for one in missed), Decimal())
    return {
        "true_positives": hits,
        "false_positives": alarms,
        "false_negatives": misses,
        "true_negatives": passed,
        "precision": share(hits, hits + alarms),
        "recall": share(hits, hits + misses),
        "f1": share(2 * hits, 2 * hits + alarms + misses),
        "amount_of_fraud": float(stopped + lost),
        "amount_caught": float(stopped),
        "value_caught": share(stopped, stopped + lost),
    }


def _count(truth: Counters, label: str, outcomes: tuple[str, ...]) -> int:
    return sum(number(truth, f"{label}.{one}") for one in outcomes)


def _average_precision(truth: Counters) -> float:
    """The sum over bins, riskiest first, of the precision there times the recall that the bin adds.

    Equal risks stand together, as in scikit-learn's `average_precision_score`; a bin counts as equal risks.
    """
    frauds, hits, alarms, found = _labels(truth, "f"), 0, 0, 0.0
    for at in reversed(range(len(SCORE_EDGES))):
        here = number(truth, f"f.{at:02d}")
        hits, alarms = hits + here, alarms + number(truth, f"g.{at:02d}")
        if here:
            found += here / frauds * hits / (hits + alarms)
    return round(found, 6)


def _calibration(truth: Counters) -> Iterable[CalibrationBin]:
    for at in range(len(SCORE_EDGES)):
        frauds = number(truth, f"f.{at:02d}")
        labelled = frauds + number(truth, f"g.{at:02d}")
        if labelled:
            lower, upper = score_bounds(at)
            mean = round(float(truth.get(f"r.{at:02d}", Decimal()) / labelled), 6)
            rate = round(frauds / labelled, 6)
            yield {
                "lower": lower,
                "upper": upper,
                "labelled": labelled,
                "frauds": frauds,
                "mean_risk": mean,
                "fraud_rate": rate,
            }


def _calibration_error(bins: list[CalibrationBin], labelled: int) -> float | None:
    if not labelled:
        return None
    distance = sum(one["labelled"] * abs(one["mean_risk"] - one["fraud_rate"]) for one in bins)
    return round(distance / labelled, 6)


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
        found[sum(days > edge for edge in AGES)] += sum(_labels(one.counters, prefix) for prefix in prefixes)
    return found


def _lags(truth: Counters) -> list[LagOfLabels]:
    edges = [edge.days for edge in LAGS]
    return [
        {"within_days": edges[at] if at < len(edges) else None, "labels": number(truth, f"lag.{at}")}
        for at in range(len(edges) + 1)
    ]
