"""The report on the quality of the received data."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from fraudshield.ingest.port import DayCounts, QualityLedger
from fraudshield.text.query import Query, Whole
from fraudshield.text.schema import Day, Moment, one_of
from fraudshield.text.timestamp import timestamp
from fraudshield.transaction.quality import CHECKS, REASONS
from fraudshield.transaction.refusal import REASON, REFUSED, Refusal

FLAG = "quality."
STORED = "transactions"


class QualityQuery(Query):
    """How many days back, today included, and how many of the last rejects."""

    days: Annotated[Whole, Field(ge=1, le=90)] = 7
    limit: Annotated[Whole, Field(ge=1, le=100)] = 50


class SourceQuality(TypedDict):
    """Counts of one source. Rates are of all that was sent (refused) and of all stored (flags); null without any."""

    stored: int
    refused: int
    refused_rate: float | None
    reasons: dict[str, int]
    flags: dict[str, int]
    flag_rates: dict[str, float]


class RefusalFaultObject(TypedDict):
    """A field, empty where it is none of ours, and what was wrong there."""

    pointer: str
    code: str


class RefusalObject(TypedDict):
    """A transaction that was refused: no value of it, no name."""

    transaction_id: str | None
    source: Annotated[str, one_of("api", "queue", "batch")]
    received_at: Moment
    reasons: list[str]
    errors: list[RefusalFaultObject]


class CheckObject(TypedDict):
    """What a flag means."""

    flag: str
    says: str


class QualityResponse(TypedDict):
    """Refused ones count on the day they came, stored ones on the day they occurred; both lag by a moment."""

    since: Day
    until: Day
    total: SourceQuality
    sources: dict[str, SourceQuality]
    recent: list[RefusalObject]
    checks: list[CheckObject]
    refusal_reasons: list[str]
    generated_at: Moment


def quality_response(ledger: QualityLedger, asked: QualityQuery, now: datetime) -> QualityResponse:
    """Reads the ledger three times, and makes the report. Raises StoreUnavailable."""
    last = now.date()
    first = last - timedelta(days=asked.days - 1)
    counts = _by_source([*ledger.refused(first, last), *ledger.stored(first, last)])
    return {
        "since": first.isoformat(),
        "until": last.isoformat(),
        "total": _quality(sum(counts.values(), Counter())),
        "sources": {source: _quality(counters) for source, counters in sorted(counts.items())},
        "recent": [_refusal(one) for one in ledger.recent(asked.limit)],
        "checks": [{"flag": check.flag, "says": check.says} for check in CHECKS],
        "refusal_reasons": sorted(set(REASONS.values())),
        "generated_at": timestamp(now),
    }


def _by_source(days: Iterable[DayCounts]) -> Mapping[str, "Counter[str]"]:
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for one in days:
        sums[one.source].update(one.counters)
    return sums


def _quality(counters: "Counter[str]") -> SourceQuality:
    stored, refused, flags = counters[STORED], counters[REFUSED], _named(counters, FLAG)
    return {
        "stored": stored,
        "refused": refused,
        "refused_rate": _rate(refused, stored + refused),
        "reasons": _named(counters, REASON),
        "flags": flags,
        "flag_rates": {flag: round(count / stored, 6) for flag, count in flags.items() if stored},
    }


def _named(counters: "Counter[str]", prefix: str) -> dict[str, int]:
    found = {name.removeprefix(prefix): count for name, count in counters.items() if name.startswith(prefix)}
    return dict(sorted(found.items()))


def _rate(part: int, whole: int) -> float | None:
    return round(part / whole, 6) if whole else None


def _refusal(one: Refusal) -> RefusalObject:
    return {
        "transaction_id": one.transaction_id,
        "source": one.source,
        "received_at": timestamp(one.at),
        "reasons": list(one.reasons),
        "errors": [{"pointer": pointer, "code": code} for pointer, code in one.fields],
    }
