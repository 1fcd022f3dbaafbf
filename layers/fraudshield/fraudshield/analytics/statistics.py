"""What has been stored, in numbers: read from the counts, so that it costs the same however much there is."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from typing_extensions import TypedDict

from fraudshield.analytics.amount_band import middle
from fraudshield.analytics.port import Aggregates, Counters
from fraudshield.analytics.series import EXACT
from fraudshield.text.json_text import Number
from fraudshield.text.schema import Moment
from fraudshield.text.timestamp import timestamp

TYPE = "type."
BAND = "band."
EXTREMES = ("least", "most", "earliest", "latest")


class TransactionStatistics(TypedDict):
    """Amounts are in the reporting currency, else as sent; null where there is no transaction."""

    total_transactions: int
    total_amount: Number
    avg_amount: Number | None
    min_amount: Number | None
    max_amount: Number | None
    earliest: Moment | None
    latest: Moment | None


class PredictionStatistics(TypedDict):
    """First decisions. Fraud is predicted from the policy's review threshold on."""

    total_predictions: int
    avg_risk_score: float | None
    fraud_predictions: int
    legitimate_predictions: int
    approved: int
    reviewed: int
    blocked: int


class LabelStatistics(TypedDict):
    """What transactions have turned out to be."""

    fraud: int
    genuine: int


class Statistics(TypedDict):
    """The statistics of everything, and the number of transactions by source."""

    transactions: TransactionStatistics
    predictions: PredictionStatistics
    labels: LabelStatistics
    transaction_types: dict[str, int]
    sources: dict[str, int]


class StatisticsResponse(TypedDict):
    """The envelope. `timestamp` is when it was read; the counts follow the writes by a moment."""

    statistics: Statistics
    timestamp: Moment


class DateRange(TypedDict):
    """The range of `occurred_at`."""

    earliest: Moment | None
    latest: Moment | None


class AmountStats(TypedDict):
    """`median` is within 1 % of the true one, which `median_is_approximate` says."""

    mean: Number | None
    median: float | None
    median_is_approximate: bool
    min: Number | None
    max: Number | None
    total: Number


class StatsResponse(TypedDict):
    """The response of the ingest service."""

    total_transactions: int
    transaction_types: dict[str, int]
    date_range: DateRange
    amount_stats: AmountStats
    sources: dict[str, int]
    timestamp: Moment


def statistics_response(aggregates: Aggregates, now: datetime) -> StatisticsResponse:
    """The response of `GET /statistics`: two reads. Raises StoreUnavailable."""
    by_source = aggregates.totals()
    everything = summed(by_source.values())
    return {
        "statistics": {
            "transactions": _transactions(everything, aggregates.extremes()),
            "predictions": _predictions(everything),
            "labels": {"fraud": number(everything, "label.fraud"), "genuine": number(everything, "label.genuine")},
            "transaction_types": _types(everything),
            "sources": _sources(by_source),
        },
        "timestamp": timestamp(now),
    }


def stats_response(aggregates: Aggregates, now: datetime) -> StatsResponse:
    """The response of `GET /stats`: three reads. Raises StoreUnavailable."""
    by_source = aggregates.totals()
    everything = summed(by_source.values())
    told = _transactions(everything, aggregates.extremes())
    return {
        "total_transactions": told["total_transactions"],
        "transaction_types": _types(everything),
        "date_range": {"earliest": told["earliest"], "latest": told["latest"]},
        "amount_stats": {
            "mean": told["avg_amount"],
            "median": median(summed(aggregates.histogram().values())),
            "median_is_approximate": True,
            "min": told["min_amount"],
            "max": told["max_amount"],
            "total": told["total_amount"],
        },
        "sources": _sources(by_source),
        "timestamp": timestamp(now),
    }


def summed(parts: Iterable[Counters]) -> Counters:
    """Counters of several items as one."""
    sums: dict[str, Decimal] = {}
    for part in parts:
        for name, value in part.items():
            sums[name] = EXACT.add(sums.get(name, Decimal()), value)
    return sums


def number(counters: Counters, name: str) -> int:
    """The value of a counter, 0 where it never counted."""
    return int(counters.get(name, 0))


def transactions_in(by_source: Mapping[str, Counters]) -> int:
    """How many transactions were counted, over all sources."""
    return number(summed(by_source.values()), "transactions")


def median(bands: Counters) -> float | None:
    """The middle of the band that the middle amount is in."""
    counted = Counter({int(name.removeprefix(BAND)): int(value) for name, value in bands.items() if value})
    rank, seen = (counted.total() + 1) // 2, 0
    for at in sorted(counted):
        seen += counted[at]
        if seen >= rank:
            return float(middle(at))
    return None


def _transactions(counts: Counters, extremes: Mapping[str, Mapping[str, str]]) -> TransactionStatistics:
    transactions, amount = number(counts, "transactions"), counts.get("amount", Decimal())
    # Each of a source's extremes is written by itself: in between, a reader finds some of them.
    known = {name: [one[name] for one in extremes.values() if name in one] for name in EXTREMES}
    return {
        "total_transactions": transactions,
        "total_amount": amount,
        "avg_amount": round(amount / transactions, 2) if transactions else None,
        "min_amount": min(map(Decimal, known["least"]), default=None),
        "max_amount": max(map(Decimal, known["most"]), default=None),
        "earliest": min(known["earliest"], default=None),
        "latest": max(known["latest"], default=None),
    }


def _predictions(counts: Counters) -> PredictionStatistics:
    predictions, fraud = number(counts, "decisions"), number(counts, "predicted_fraud")
    with_risk = predictions - number(counts, "no_risk")
    return {
        "total_predictions": predictions,
        "avg_risk_score": float(round(counts.get("risk", Decimal()) / with_risk, 6)) if with_risk else None,
        "fraud_predictions": fraud,
        "legitimate_predictions": predictions - fraud,
        "approved": number(counts, "outcome.approve"),
        "reviewed": number(counts, "outcome.review"),
        "blocked": number(counts, "outcome.block"),
    }


def _types(counts: Counters) -> dict[str, int]:
    return {name.removeprefix(TYPE): int(value) for name, value in sorted(counts.items()) if name.startswith(TYPE)}


def _sources(by_source: Mapping[str, Counters]) -> dict[str, int]:
    return {source: number(counts, "transactions") for source, counts in sorted(by_source.items())}
