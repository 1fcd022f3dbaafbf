"""The units that DynamoDB's engine charges for what a process calls."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from fraudshield.aws.client import counting_dynamodb, dynamodb

READS = {"GetItem", "BatchGetItem", "Query", "TransactGetItems"}
# On-demand prices in us-east-1, dollars for a million request units: https://aws.amazon.com/dynamodb/pricing/on-demand/
WRITE_PRICE, READ_PRICE = 0.625, 0.125


@dataclass(slots=True)
class Meter:
    """The units that were charged while it ran."""

    units: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)

    def for_each(self, transactions: int) -> tuple[float, float]:
        """Write and read units of one transaction."""
        return self.units["write"] / transactions, self.units["read"] / transactions


def price(write: float, read: float) -> float:
    """Dollars for a million transactions that take so many units each."""
    return write * WRITE_PRICE + read * READ_PRICE


@contextmanager
def metered() -> Iterator[Meter]:
    """Every call of this process on its DynamoDB clients says what it took, while the block runs."""
    meter = Meter()

    def ask(params: dict[str, Any], **_: Any) -> None:
        params["ReturnConsumedCapacity"] = "TOTAL"

    def note(parsed: dict[str, Any], model: Any, **_: Any) -> None:
        meter.calls[model.name] += 1
        said = parsed.get("ConsumedCapacity", [])
        taken = sum(one["CapacityUnits"] for one in (said if isinstance(said, list) else [said]))
        meter.units["read" if model.name in READS else "write"] += taken

    everywhere = [client.meta.events for client in (dynamodb(), counting_dynamodb())]
    for events in everywhere:
        events.register("provide-client-params.dynamodb.*", ask, unique_id="ask")
        events.register("after-call.dynamodb.*", note, unique_id="note")
    yield meter
    for events in everywhere:
        events.unregister("provide-client-params.dynamodb.*", unique_id="ask")
        events.unregister("after-call.dynamodb.*", unique_id="note")
