"""How good decisions were, as far as labels tell: by model version, and how far that is.

Everything here is of transactions whose truth is known: those with a label, and those that count as genuine by their
age where their event type says from when on. Labels come late, and mostly for what was flagged, so recall is of the
frauds that somebody found. Without labels there are no figures.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from functools import reduce

from typing_extensions import TypedDict

from fraudshield.analytics.bin import SCORE_EDGES
from fraudshield.analytics.calibration import CalibrationBin, calibration_bins, calibration_error
from fraudshield.analytics.figure.risk import decisions, in_bins
from fraudshield.analytics.figure.trend import share
from fraudshield.analytics.genuine_by_age import GenuineAges, Unreported, unreported
from fraudshield.analytics.maturity import Maturity, label_maturity
from fraudshield.analytics.period import Period
from fraudshield.analytics.port import Counters, DailyCounts, Slice
from fraudshield.analytics.series import EXACT, SCORES, TRUTH
from fraudshield.analytics.statistics import number, summed
from fraudshield.policy.policy import Outcome
from fraudshield.text.json_text import Number
from fraudshield.text.schema import Day

# By threshold, the outcomes at or above it.
CAUGHT = {"review": (Outcome.REVIEW, Outcome.BLOCK), "block": (Outcome.BLOCK,)}
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
    amount_of_fraud: Number
    amount_caught: Number
    value_caught: float | None


class LabelsByKind(TypedDict):
    """What is known of the transactions: said to be fraud or genuine, genuine by their age, or not known yet.

    `young` are let through, and will count as genuine by their age; of `unknown` that is not so: they were not let
    through, came in a file, or are of an event type that says no age.
    """

    fraud: int
    genuine_said: int
    genuine_by_age: int
    young: int
    unknown: int


class Performance(TypedDict):
    """Of one model, or of all. Precision, recall and F1 are at the review threshold.

    `auprc` is the average precision over `auprc_bins` bins of the risk. `calibration_error` is the mean distance of
    what was said from what was. `labelled` are those with a label; the measures are of these and of what counts as
    genuine by its age.
    """

    total_predictions: int
    labelled: int
    labelled_fraud: int
    labelled_genuine: int
    labelled_share: float | None
    labels: LabelsByKind
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


class ModelPerformance(Performance):
    """Of all versions together, then each. `degraded` says so where it could not be read what is genuine by its age."""

    days: int
    since: Day
    until: Day
    sources: list[str]
    models: list[ModelPerformanceOf]
    label_maturity: Maturity
    note: str | None
    degraded: list[str]


def model_performance(counts: DailyCounts, period: Period, ages: GenuineAges, now: datetime) -> ModelPerformance:
    """Reads two series over the days of the period, and a third where types say ages. Raises StoreUnavailable."""
    scores, truths = period.read(counts, SCORES), period.read(counts, TRUTH)
    unsaid = unreported(counts, period, ages, now)
    versions = sorted({one.version for one in scores} | {one.version for one in truths})
    total = _performance(scores, truths, unsaid)
    return {
        **total,
        "days": period.length,
        "since": period.first.isoformat(),
        "until": period.last.isoformat(),
        "sources": list(period.sources),
        "models": [{"model_version": version, **_performance(scores, truths, unsaid, version)} for version in versions],
        "label_maturity": label_maturity(period, scores, truths),
        "note": None if total["labelled"] else NONE_YET,
        "degraded": list(ages.degraded),
    }


def _sum(slices: Iterable[Slice], version: str | None = None) -> Counters:
    return summed(one.counters for one in slices if version in {None, one.version})


def _performance(
    scores: Sequence[Slice], truths: Sequence[Slice], unsaid: Unreported, version: str | None = None
) -> Performance:
    total, said, by_age = decisions(_sum(scores, version)), _sum(truths, version), _sum(unsaid.genuine, version)
    labels = _by_kind(total, said, in_bins(by_age, "g"), in_bins(_sum(unsaid.young, version), "g"))
    labelled = labels["fraud"] + labels["genuine_said"]
    truth, known = summed([said, by_age]), labelled + labels["genuine_by_age"]
    confusion = {name: _confusion(truth, outcomes) for name, outcomes in CAUGHT.items()} if known else {}
    calibration = list(calibration_bins(truth))
    at_review = confusion.get("review")
    return {
        "total_predictions": total,
        "labelled": labelled,
        "labelled_fraud": labels["fraud"],
        "labelled_genuine": labels["genuine_said"],
        "labelled_share": share(labelled, total),
        "labels": labels,
        "precision": at_review and at_review["precision"],
        "recall": at_review and at_review["recall"],
        "f1": at_review and at_review["f1"],
        "auprc": _average_precision(truth) if labels["fraud"] and known > labels["fraud"] else None,
        "auprc_bins": len(SCORE_EDGES),
        "value_caught": at_review and at_review["value_caught"],
        "calibration_error": calibration_error(calibration, known),
        "calibration": calibration,
        "confusion": confusion,
    }


def _by_kind(total: int, said: Counters, by_age: int, young: int) -> LabelsByKind:
    frauds, genuine = in_bins(said, "f"), in_bins(said, "g")
    return {
        "fraud": frauds,
        "genuine_said": genuine,
        "genuine_by_age": by_age,
        "young": young,
        "unknown": max(0, total - frauds - genuine - by_age - young),  # a label may be counted before its decision is
    }


def _confusion(truth: Counters, caught: tuple[Outcome, ...]) -> Confusion:
    missed = tuple(one for one in Outcome if one not in caught)
    hits, alarms = _count(truth, "fraud", caught), _count(truth, "genuine", caught)
    misses, passed = _count(truth, "fraud", missed), _count(truth, "genuine", missed)
    stopped, lost = (
        reduce(EXACT.add, (truth.get(f"fraud_amount.{one}", Decimal()) for one in some), Decimal())
        for some in (caught, missed)
    )
    return {
        "true_positives": hits,
        "false_positives": alarms,
        "false_negatives": misses,
        "true_negatives": passed,
        "precision": share(hits, hits + alarms),
        "recall": share(hits, hits + misses),
        "f1": share(2 * hits, 2 * hits + alarms + misses),
        "amount_of_fraud": EXACT.add(stopped, lost),
        "amount_caught": stopped,
        "value_caught": share(stopped, stopped + lost),
    }


def _count(truth: Counters, label: str, outcomes: tuple[str, ...]) -> int:
    return sum(number(truth, f"{label}.{one}") for one in outcomes)


def _average_precision(truth: Counters) -> float:
    """The sum over bins, riskiest first, of the precision there times the recall that the bin adds.

    Equal risks stand together, as in scikit-learn's `average_precision_score`; a bin counts as equal risks.
    """
    frauds, hits, alarms, found = in_bins(truth, "f"), 0, 0, 0.0
    for at in reversed(range(len(SCORE_EDGES))):
        here = number(truth, f"f.{at:02d}")
        hits, alarms = hits + here, alarms + number(truth, f"g.{at:02d}")
        if here:
            found += here / frauds * hits / (hits + alarms)
    return round(found, 6)
