"""What listed transactions have of their types' own: the indexes do not carry it, so it is read from their items."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from fraudshield.aws import client
from fraudshield.dynamo.call import BoundedCalls
from fraudshield.dynamo.page import batches
from fraudshield.errors import StoreUnavailable
from fraudshield.history.listing import UNLISTED
from fraudshield.transaction.dynamo import FIELDS, TRANSACTION_RECORD
from fraudshield.transaction.dynamo_own import own_content
from fraudshield.transaction.own import OwnContent

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

KEYS_PER_READ = 100  # as many as DynamoDB takes in one BatchGetItem
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
        hundreds = [transaction_ids[at : at + KEYS_PER_READ] for at in range(0, len(transaction_ids), KEYS_PER_READ)]
        found: dict[str, Own | None] = {}
        for items in self.calls.each([partial(self._items, ids) for ids in hundreds], stop_at):
            if isinstance(items, StoreUnavailable):
                raise items
            found |= {item["transaction_id"]["S"]: _own(item) for item in items}
        return found

    def _items(self, transaction_ids: Sequence[str]) -> "list[Item]":
        keys = [{"transaction_id": {"S": name}, "record": {"S": TRANSACTION_RECORD}} for name in transaction_ids]
        asked = {
            self.table: {
                "Keys": keys,
                "ProjectionExpression": ", ".join(["transaction_id", *(f"#{name}" for name in READ)]),
                "ExpressionAttributeNames": {f"#{name}": name for name in READ},
                "ConsistentRead": True,
            }
        }
        pages = batches(client.dynamodb().batch_get_item, asked, "UnprocessedKeys")
        return [item for page in pages for item in page["Responses"].get(self.table, [])]


def _own(item: "Item") -> Own | None:
    content = own_content(item)
    if content is None:
        return None
    return content, {name: FIELDS.read_by[name](item[name]) for name in UNLISTED if name in item}
