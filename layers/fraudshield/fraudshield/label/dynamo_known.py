"""The labels in force of many payments, read a hundred at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fraudshield.aws.client import dynamodb
from fraudshield.dynamo.batch_read import by_hundreds, read_items
from fraudshield.dynamo.call import BoundedCalls
from fraudshield.dynamo.record import attributes
from fraudshield.label.dynamo_item import IN_FORCE, label_of
from fraudshield.label.label import Label
from fraudshield.transaction.dynamo import TRANSACTION_RECORD

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

MOST_KEY_BYTES = 2048  # of a partition key; a longer id is nobody's


@dataclass(frozen=True, slots=True)
class DynamoKnownLabels:
    """Implements the `KnownLabels` port on one table."""

    table: str
    calls: BoundedCalls

    def of(self, transaction_ids: Sequence[str], stop_at: float) -> Mapping[str, Label | None]:
        dynamodb()  # made before the clock starts
        asked = [name for name in dict.fromkeys(transaction_ids) if len(name.encode()) <= MOST_KEY_BYTES]
        found = by_hundreds(self.calls, self._items, asked, stop_at)
        return {item["transaction_id"]["S"]: label_of(item) for item in found}

    def _items(self, transaction_ids: Sequence[str]) -> "list[Item]":
        names = {f"#n{at}": name for at, name in enumerate(("transaction_id", *IN_FORCE))}
        keys = [attributes({"transaction_id": name, "record": TRANSACTION_RECORD}) for name in transaction_ids]
        asked = {"Keys": keys, "ProjectionExpression": ", ".join(names), "ExpressionAttributeNames": names}
        return read_items(dynamodb().batch_get_item, self.table, asked)
