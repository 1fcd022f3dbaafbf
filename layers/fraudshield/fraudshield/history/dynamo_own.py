"""What listed transactions have of their types' own: the indexes do not carry it, so it is read from their items."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fraudshield.aws import client
from fraudshield.dynamo.batch_read import by_hundreds, read_items
from fraudshield.dynamo.call import BoundedCalls
from fraudshield.history.listing import UNLISTED
from fraudshield.transaction.dynamo import FIELDS, TRANSACTION_RECORD
from fraudshield.transaction.dynamo_own import own_content
from fraudshield.transaction.own import OwnContent

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

READ = ("event_type", "event_type_version", "event_type_digest", "fields", *UNLISTED)
Own = tuple[OwnContent, Mapping[str, object]]  # its own fields, and those of the built-in type that lists do not show


@dataclass(frozen=True, slots=True)
class DynamoOwnContents:
    """Reads by id, a hundred at once, in parallel and consistently: no index knows more than they do."""

    table: str
    calls: BoundedCalls

    def of(self, transaction_ids: Sequence[str], stop_at: float) -> Mapping[str, Own | None]:
        """By id, None where a transaction is of the built-in type; what is erased by now is left out.

        Raises StoreUnavailable.
        """
        found = by_hundreds(self.calls, self._items, transaction_ids, stop_at)
        return {item["transaction_id"]["S"]: _own(item) for item in found}

    def _items(self, transaction_ids: Sequence[str]) -> "list[Item]":
        keys = [{"transaction_id": {"S": name}, "record": {"S": TRANSACTION_RECORD}} for name in transaction_ids]
        asked = {
            "Keys": keys,
            "ProjectionExpression": ", ".join(["transaction_id", *(f"#{name}" for name in READ)]),
            "ExpressionAttributeNames": {f"#{name}": name for name in READ},
            "ConsistentRead": True,
        }
        return read_items(client.dynamodb().batch_get_item, self.table, asked)


def _own(item: "Item") -> Own | None:
    content = own_content(item)
    if content is None:
        return None
    return content, {name: FIELDS.read_by[name](item[name]) for name in UNLISTED if name in item}
