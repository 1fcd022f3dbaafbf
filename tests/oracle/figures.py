"""The figures of the analytics oracle: over lists of stored transactions, as the responses name them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from sklearn.metrics import average_precision_score


@dataclass(frozen=True, slots=True)
class Fact:
    """A stored transaction, as far as anybody counts it."""

    source: str
    at: datetime
    kind: str
    amount: Decimal
    outcome: str | None
    risk: Decimal
    version: str
    name: str
    destination: str
    label: str | None
    labelled_at: datetime | None

    @property
    def flagged(self) -> bool:
        """Reviewed or blocked."""
        return self.outcome in {"review", "block"}


def money(facts: Iterable[Fact]) -> float:
    """The sum of the amounts, exact until the last step."""
    return float(sum((one.amount for one in facts), Decimal(0)))


def figures(facts: Sequence[Fact]) -> dict[str, Any]:
    """The figures of a day or a period."""
    outcomes = Counter(one.outcome for one in facts)
    decided, flagged = sum(one.outcome is not None for one in facts), [one for one in facts if one.flagged]
    return {
        "transactions": len(facts),
        "amount": money(facts),
        "decisions": decided,
        "approved": outcomes["approve"],
        "reviewed": outcomes["review"],
        "blocked": outcomes["block"],
        "flagged": len(flagged),
        "flagged_rate": len(flagged) / decided if decided else None,
        "amount_approved": money(one for one in facts if one.outcome == "approve"),
        "amount_reviewed": money(one for one in facts if one.outcome == "review"),
        "amount_flagged": money(flagged),
        "amount_stopped": money(one for one in facts if one.outcome == "block"),
        "labelled_fraud": sum(one.label == "fraud" for one in facts),
        "labelled_genuine": sum(one.label == "genuine" for one in facts),
        "amount_labelled_fraud": money(one for one in facts if one.label == "fraud"),
    }


def hour_of_day(facts: Iterable[Fact]) -> dict[str, Any]:
    """The figures of an hour of the day, over all days."""
    there = list(facts)
    found: dict[str, Any] = {"transactions": len(there), "amount": money(there)}
    for outcome, name in (("approve", "approved"), ("review", "reviewed"), ("block", "blocked")):
        of_it = [one for one in there if one.outcome == outcome]
        found |= {name: len(of_it), f"amount_{name}": money(of_it)}
    return found


def cell(facts: Iterable[Fact]) -> dict[str, Any]:
    """The figures of a type, an hour, a weekday or an amount band."""
    there = list(facts)
    flagged = sum(one.flagged for one in there)
    return {
        "transactions": len(there),
        "amount": money(there),
        "flagged": flagged,
        "flagged_rate": flagged / len(there) if there else None,
    }


def bins() -> Iterator[tuple[float, float]]:
    """The bins of scores as docs/analytics.md lists them."""
    edges = [0, 0.0001, 0.001, 0.003, 0.01, 0.03, 0.05, 0.07, *(at / 20 for at in range(2, 21))]
    yield from pairwise(edges)


def inside(risk: Decimal, low: float, high: float) -> bool:
    """Whether a bin has the risk in it; the last bin has 1 in it."""
    return Decimal(str(low)) <= risk and (risk < Decimal(str(high)) or high == 1)


def band(facts: Sequence[Fact], low: float, high: float) -> dict[str, Any]:
    """A band of the risk distribution."""
    there = [one for one in facts if inside(one.risk, low, high)]
    return {
        "lower": low,
        "upper": high,
        "transactions": len(there),
        "amount": money(there),
        "share": len(there) / len(facts) if facts else None,
    }


def performance(facts: Sequence[Fact]) -> dict[str, Any]:
    """The measures of decided transactions."""
    labelled = [one for one in facts if one.label]
    frauds = sum(one.label == "fraud" for one in labelled)
    confusion = {
        name: confused(labelled, outcomes)
        for name, outcomes in (("review", {"review", "block"}), ("block", {"block"}))
        if labelled
    }
    calibration = list(calibrated(labelled))
    at_review = confusion.get("review", dict.fromkeys(("precision", "recall", "f1", "value_caught")))
    number = [next(at for at, bounds in enumerate(bins()) if inside(one.risk, *bounds)) for one in labelled]
    truth = [one.label == "fraud" for one in labelled]
    apart = [one["labelled"] * abs(one["mean_risk"] - one["fraud_rate"]) for one in calibration]
    return {
        "total_predictions": len(facts),
        "labelled": len(labelled),
        "labelled_fraud": frauds,
        "labelled_genuine": len(labelled) - frauds,
        "labelled_share": len(labelled) / len(facts) if facts else None,
        "labels": {
            "fraud": frauds,
            "genuine_said": len(labelled) - frauds,
            "genuine_by_age": 0,  # the built-in type says no age
            "young": 0,
            "unknown": len(facts) - len(labelled),
        },
        "precision": at_review["precision"],
        "recall": at_review["recall"],
        "f1": at_review["f1"],
        "auprc": average_precision_score(truth, number) if 0 < frauds < len(labelled) else None,
        "auprc_bins": len(list(bins())),
        "value_caught": at_review["value_caught"],
        "calibration_error": sum(apart) / len(labelled) if labelled else None,
        "calibration": calibration,
        "confusion": confusion,
    }


def confused(labelled: Sequence[Fact], positive: set[str]) -> dict[str, Any]:
    """The confusion matrix at a threshold."""
    cells = Counter((one.label == "fraud", one.outcome in positive) for one in labelled)
    hits, misses, alarms, passed = (cells[True, True], cells[True, False], cells[False, True], cells[False, False])
    frauds = [one for one in labelled if one.label == "fraud"]
    caught, whole = money(one for one in frauds if one.outcome in positive), money(frauds)
    return {
        "true_positives": hits,
        "false_positives": alarms,
        "false_negatives": misses,
        "true_negatives": passed,
        "precision": hits / (hits + alarms) if hits + alarms else None,
        "recall": hits / (hits + misses) if hits + misses else None,
        "f1": 2 * hits / (2 * hits + alarms + misses) if hits + alarms + misses else None,
        "amount_of_fraud": whole,
        "amount_caught": caught,
        "value_caught": caught / whole if whole else None,
    }


def calibrated(labelled: Sequence[Fact]) -> Iterator[dict[str, Any]]:
    """The calibration of each bin."""
    for low, high in bins():
        there = [one for one in labelled if inside(one.risk, low, high)]
        if there:
            frauds = sum(one.label == "fraud" for one in there)
            yield {
                "lower": low,
                "upper": high,
                "labelled": len(there),
                "frauds": frauds,
                "mean_risk": float(sum((one.risk for one in there), Decimal(0))) / len(there),
                "fraud_rate": frauds / len(there),
            }


def lags(decided: Sequence[Fact]) -> list[dict[str, Any]]:
    """How many labels came within how many days."""
    found, took = [], [one.labelled_at - one.at for one in decided if one.labelled_at is not None]
    edges = [None, *(timedelta(days=days) for days in (1, 7, 30, 90)), None]
    for low, high in pairwise(edges):
        number = sum((low is None or lag > low) and (high is None or lag <= high) for lag in took)
        found.append({"within_days": None if high is None else high.days, "labels": number})
    return found
