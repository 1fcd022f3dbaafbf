"""What a stored transaction adds to the counts, and what a change of it changes there.

A record of the table's stream counts as the difference between the new item's contribution and the old one's. So a
decision that comes later, a label and its undoing move the right counts, and what is written again moves none.
Removals change nothing: counts are history, and hold nothing about a person.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any

Image = Mapping[str, Any]  # an item as DynamoDB writes it: {"amount": {"N": "1000"}, ...}
Bucket = tuple[str, str]  # series and bucket: the key of an item in the aggregates table
Counts = Mapping[Bucket, Mapping[str, Decimal]]

TRANSACTION = "transaction"  # the only record of a transaction's that counts
TOTAL, DAYS, HISTOGRAM, EXTREME = "total", "days", "histogram", "extreme"
NOTHING: Counts = {}
ONE = Decimal(1)
EXACT = Context(prec=38)  # what DynamoDB keeps; Python's own default is 28

# The histogram of amounts: bands of 2 % from a cent on, so that the middle of one is within 1 % of all in it.
BAND = Decimal("1.02")
BANDS_PER_ITEM = 100  # an update pays for its whole item: some 1.5 KB
LEAST, MOST = Decimal("0.01"), Decimal(10) ** 15


def _bounds() -> Iterator[Decimal]:
    bound = LEAST
    while bound < MOST:
        yield bound
        bound = EXACT.multiply(bound, BAND).quantize(Decimal("0.000001"), context=EXACT)


BOUNDS = tuple(_bounds())  # ascending: band n holds the amounts from BOUNDS[n - 1] on, band 0 those below a cent


@dataclass(frozen=True, slots=True)
class Extremes:
    """What cannot be added up: the smallest and largest of a source. Instants are texts of one width."""

    source: str
    amount: Decimal
    occurred_at: str


def band(amount: Decimal) -> int:
    """The number of the band that an amount is in."""
    return bisect_right(BOUNDS, amount)


def middle(number: int) -> Decimal:
    """A value within 1 % of every amount in the band."""
    if number == 0:
        return Decimal(0)
    return (BOUNDS[number - 1] * 2 * BAND / (1 + BAND)).quantize(Decimal("0.0001"))


def contribution(item: Image) -> Counts:
    """What an item adds: nothing unless it is a transaction.

    Raises:
        KeyError, ValueError, ArithmeticError, TypeError, AttributeError: it is no item of ours.
    """
    if item["record"]["S"] != TRANSACTION:
        return {}
    source, amount = item["source"]["S"], _number(item["amount"])
    counts = {"transactions": ONE, "amount": amount, f"type.{item['type']['S']}": ONE} | _decision(item) | _label(item)
    number = band(amount)
    return {
        (TOTAL, source): counts,
        (DAYS, f"{item['occurred_at']['S'][:10]}#{source}"): counts,
        (HISTOGRAM, f"{source}#{number // BANDS_PER_ITEM:02d}"): {f"band.{number}": ONE},
    }


def effect(record: Mapping[str, Any]) -> Counts:
    """What a record of the stream changes: only what is not zero. Raises as `contribution` does."""
    images = record["dynamodb"]
    if record["eventName"] == "REMOVE":
        return {}
    return added((contribution(images["NewImage"]), ONE), (_before(images), -ONE))


def extremes(record: Mapping[str, Any]) -> Extremes | None:
    """Of a transaction that is new. Raises as `contribution` does."""
    if record["eventName"] != "INSERT" or record["dynamodb"]["NewImage"]["record"]["S"] != TRANSACTION:
        return None
    item = record["dynamodb"]["NewImage"]
    return Extremes(item["source"]["S"], _number(item["amount"]), item["occurred_at"]["S"])


def added(*parts: tuple[Counts, Decimal]) -> Counts:
    """The parts, each so many times, summed exactly; what comes to zero is left out."""
    sums: dict[Bucket, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for counts, times in parts:
        for bucket, counters in counts.items():
            for name, value in counters.items():
                sums[bucket][name] = EXACT.add(sums[bucket][name], EXACT.multiply(value, times))
    moved = {bucket: {n: value for n, value in counters.items() if value} for bucket, counters in sums.items()}
    return {bucket: counters for bucket, counters in moved.items() if counters}


def _before(images: Mapping[str, Any]) -> Counts:
    return contribution(images["OldImage"]) if "OldImage" in images else {}


def _decision(item: Image) -> dict[str, Decimal]:
    if "outcome" not in item:  # stored without a decision
        return {}
    decided = {"decisions": ONE, "risk": _number(item["risk"]), f"outcome.{item['outcome']['S']}": ONE}
    flags = [flag["S"] for flag in item["quality"]["L"]] if "quality" in item else []
    return decided | {"predicted_fraud": _number(item["prediction"])} | {f"quality.{flag}": ONE for flag in flags}


def _label(item: Image) -> dict[str, Decimal]:
    return {f"label.{item['label']['S']}": ONE} if "label" in item else {}


def _number(attribute: Mapping[str, str]) -> Decimal:
    value = Decimal(attribute["N"])
    if not value.is_finite():
        raise ValueError(f"{value} is no number")
    return value
