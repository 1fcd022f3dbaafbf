"""Fields of an event type of one's own: on each day which values came, by place or in thirds of a decade.

A payment is counted once, when it is stored. A type and day have an item for each `PER_ITEM` fields, so that what is
added to one fits into one update. This is read where streams are counted, so it needs no pydantic.
"""

from collections import defaultdict
from collections.abc import Iterable
from math import floor, isnan, log10

from fraudshield.analytics.category.category import Category, CountedFields, is_counted
from fraudshield.analytics.counted_transaction import CountedTransaction, TransactionChange
from fraudshield.analytics.series import ONE, Bucket, Counts, Delta

PREFIX = "fields#"  # of the series of an event type
PAYMENTS = "payments"  # in the first item of a day
PER_ITEM = 5  # fields: an update has room for 300 counters, and a field has 51 of them at most
LEAST, MOST = -6, 27  # thirds of a decade from a cent to a thousand million; what lies beyond is with the last
ABOVE, BELOW = "p", "m"


def field_delta(change: TransactionChange, categories: Iterable[Category], fields: CountedFields) -> Counts:
    """What a new payment adds; `categories` are the places of its values."""
    one = change.after
    if not change.inserted or not is_counted(one) or one.event_type is None:
        return {}
    places = {each.field: each.value for each in categories} | _bins(one, fields)
    found: dict[Bucket, Delta] = defaultdict(dict, {_bucket(one, 0): {PAYMENTS: ONE}})
    for at, name in enumerate(fields.names):
        if name in places:
            found[_bucket(one, at)][f"{name}:{places[name]}"] = ONE
    return dict(found)


def number_bin(value: float) -> str:
    """The bin of a number: a third of a decade, a whole one below 0, and `0` for nothing."""
    if value == 0:
        return "0"
    third = min(max(floor(3 * log10(abs(value))), LEAST), MOST)
    return f"{ABOVE}{third}" if value > 0 else f"{BELOW}{third // 3}"


def _bins(one: CountedTransaction, fields: CountedFields) -> dict[str, str]:
    held = ({"amount": float(one.amount)} if one.priced else {}) | dict(one.numbers)
    return {name: number_bin(held[name]) for name in fields.numbers if name in held and not isnan(held[name])}


def _bucket(one: CountedTransaction, at: int) -> Bucket:
    return f"{PREFIX}{one.event_type}", f"{one.day}#{one.source}#{at // PER_ITEM}"
