"""Payments and blocks by the minute in which they were decided: what breakers open by.

Online payments count, and those of queues: files trip no breaker. This is read where streams are counted, so it needs
no pydantic.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from fraudshield.analytics.category.category import BUILT_IN
from fraudshield.analytics.counted_transaction import TransactionChange
from fraudshield.analytics.rule.rule import LIVE
from fraudshield.analytics.series import ONE, Counts
from fraudshield.policy.limit.limit import WHOLE, Minute

Record = Mapping[str, Any]  # of the stream
HELD_TO = "held_to"  # the attribute of a payment that was blocked, or would have been
LIVE_ATTRIBUTES = [{"S": source} for source in sorted(LIVE)]
PREFIX = "blocks#"  # of the series of an event type
KEPT_DAYS = 7  # so far back the last hundred payments are looked for
PAYMENTS, BLOCKED = "n", "b"  # before the version, and of what is blocked the code of a rule behind it


def block_delta(change: TransactionChange) -> Counts:
    """What a decision adds that is new; a decision is never taken back, whatever becomes of its payment."""
    one, before = change.after, change.before
    if one is None or one.decision is None or one.source not in LIVE:
        return {}
    if (before is not None and before.decision is not None) or not one.decision.decided_at:
        return {}
    version, held_to = one.decision.policy_version, one.decision.held_to
    codes = () if held_to is None else (WHOLE, *dict.fromkeys(held_to))
    counters = {f"{PAYMENTS}.{version}": ONE, **{f"{BLOCKED}.{version}.{code}": ONE for code in codes}}
    return {(series(one.event_type), one.decision.decided_at[:16]): counters}


def series(event_type: str | None) -> str:
    """The series of an event type's blocks; None is the built-in type."""
    return f"{PREFIX}{event_type or BUILT_IN}"


def blocking(records: Iterable[Record]) -> frozenset[str]:
    """The event types of payments in the stream's records that were blocked, or would have been; read or not."""
    found = set[str]()
    for images in (record.get("dynamodb", {}) for record in records):
        now, before = images.get("NewImage", {}), images.get("OldImage", {})
        if HELD_TO in now and HELD_TO not in before and now.get("source") in LIVE_ATTRIBUTES:
            found.add(str(now.get("event_type", {"S": BUILT_IN})["S"]))
    return frozenset(found)


def minute_in(counters: Mapping[str, Decimal]) -> Minute:
    """A minute's counters as they are stored."""
    minute = Minute()
    for name, value in counters.items():
        kind, _, rest = name.partition(".")
        version, _, code = rest.partition(".")
        if kind == PAYMENTS:
            minute.payments[int(version)] += int(value)
        else:
            minute.blocked[int(version), code] += int(value)
    return minute
