"""What must hold when all has come to rest: everything stored once, counted once, and nothing else anywhere.

The counts are worked out here anew from the table's items, by other code than the product's.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from tests.faults.harness.works import Works

Item = Mapping[str, Any]
Counts = Mapping[tuple[str, str], Mapping[str, Decimal]]  # by series and bucket

COUNTED = ("total", "days")
BESIDE_US = (  # counters that are held to the items by tests of their own
    *("band.", "quality.", "type_amount.", "type_flagged.", "outcome_amount.", "label_amount."),
)


def items(works: Works, table: str) -> list[Item]:
    """Everything in a table."""
    pages = works.client("dynamodb").get_paginator("scan").paginate(TableName=works.at(table), ConsistentRead=True)
    return [item for page in pages for item in page["Items"]]


def transactions(stored: Iterable[Item]) -> list[Item]:
    """Of all records the transactions themselves."""
    return [item for item in stored if item["record"]["S"] == "transaction"]


def lost(sent: Iterable[str], stored: Sequence[Item]) -> list[str]:
    """The ids that are not stored, or have no decision."""
    decided = {item["transaction_id"]["S"] for item in transactions(stored) if "outcome" in item}
    return [f"{one} is not stored with a decision" for one in sorted(set(sent) - decided)]


def decided_again(history: Iterable[Item]) -> list[str]:
    """Ids whose decision was written more than once, by what the table's stream tells of every change."""
    written: Counter[str] = Counter()
    for change in history:
        new, old = change.get("NewImage", {}), change.get("OldImage", {})
        if new.get("record") == {"S": "transaction"} and new.get("decided_at") != old.get("decided_at"):
            written[new["transaction_id"]["S"]] += 1
    return [f"{one} was decided {times} times" for one, times in sorted(written.items()) if times > 1]


def miscounted(stored: Sequence[Item], aggregates: Sequence[Item]) -> list[str]:
    """Counters that differ from what the items come to."""
    expected, found = _expected(transactions(stored)), _found(aggregates)
    return [
        f"{series}/{bucket} {name}: {there}, expected {wanted}"
        for series, bucket in sorted(expected.keys() | found.keys())
        for name, wanted, there in _both(expected.get((series, bucket), {}), found.get((series, bucket), {}))
        if there != wanted
    ]


def _both(expected: Mapping[str, Decimal], found: Mapping[str, Decimal]) -> Iterator[tuple[str, Decimal, Decimal]]:
    for name in sorted(expected.keys() | found.keys()):
        yield name, expected.get(name, Decimal(0)), found.get(name, Decimal(0))


def _expected(stored: Iterable[Item]) -> Counts:
    sums: dict[tuple[str, str], Counter[str]] = {}
    for item in stored:
        source, day = item["source"]["S"], item["occurred_at"]["S"][:10]
        for bucket in (("total", source), ("days", f"{day}#{source}")):
            counters = sums.setdefault(bucket, Counter())
            for name, value in _adds(item):
                counters[name] += value  # type: ignore[assignment]
    return {bucket: {n: v for n, v in counters.items() if v} for bucket, counters in sums.items()}  # type: ignore[misc]


def _adds(item: Item) -> Iterator[tuple[str, Decimal]]:
    yield "transactions", Decimal(1)
    yield "amount", Decimal(item["amount"]["N"])
    yield f"type.{item['type']['S']}", Decimal(1)
    if "outcome" in item:
        yield "decisions", Decimal(1)
        yield "risk", Decimal(item["risk"]["N"])
        yield f"outcome.{item['outcome']['S']}", Decimal(1)
        yield "predicted_fraud", Decimal(item["prediction"]["N"])


def _found(aggregates: Iterable[Item]) -> Counts:
    return {
        (item["series"]["S"], item["bucket"]["S"]): {
            name: Decimal(value["N"])
            for name, value in item.items()
            if "N" in value and Decimal(value["N"]) and name != "expires_at" and not name.startswith(BESIDE_US)
        }
        for item in aggregates
        if item["series"]["S"] in COUNTED
    }
