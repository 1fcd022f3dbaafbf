"""The payments of an account or another thing in DynamoDB, read from their indexes as far as one request goes."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

from fraudshield.aws import client
from fraudshield.budget import LIST_S
from fraudshield.dynamo.batch_read import read_items
from fraudshield.dynamo.call import BoundedCalls
from fraudshield.dynamo.record import attributes
from fraudshield.erasure.thing import Thing
from fraudshield.errors import StoreUnavailable
from fraudshield.event_type.entity import ACCOUNT
from fraudshield.history.dynamo_index import BY_ACCOUNT, BY_SLOT
from fraudshield.history.dynamo_run import Index
from fraudshield.history.entity import EntityHistory, EntityPayment, Share
from fraudshield.transaction.dynamo import RECEIVER, SENDER, TRANSACTION_RECORD
from fraudshield.transaction.dynamo_own import ENTITY_SLOTS

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

T = TypeVar("T")
MOST_ROWS = 1000  # of an index: about 40 read units
LOOKED_INTO = 100  # payments whose items are read: one call, a unit each at most
MOST_SHARES = 10  # other things of which it is asked who else has them
ROWS_OF_SHARE = 100  # the newest payments of each


@dataclass(frozen=True, slots=True)
class DynamoEntityHistories:
    """Implements the `EntityHistories` port on one table: the same few reads however much there is."""

    table: str
    calls: BoundedCalls
    rows: int = MOST_ROWS

    def of(self, thing: Thing, *, sharing: bool) -> EntityHistory:
        client.dynamodb()  # made before the clock starts
        indexes, stop_at = self._indexes(thing), time.monotonic() + LIST_S
        pages = self._each(stop_at, [partial(self._page, index, key, self.rows) for index, key in indexes])
        by_id = {item["transaction_id"]["S"]: _payment(item) for item in chain.from_iterable(p["Items"] for p in pages)}
        payments = sorted(by_id.values(), key=lambda one: (one.occurred_at, one.transaction_id), reverse=True)
        if not payments:
            return EntityHistory()
        capped = any("LastEvaluatedKey" in page for page in pages)
        first_seen = self._first_seen(indexes, stop_at) if capped else payments[-1].occurred_at
        flagged = [one.transaction_id for one in payments if one.may_wait]
        asked = [[one.transaction_id for one in payments[:LOOKED_INTO]], flagged[:LOOKED_INTO]]
        looked_into, queue = self._each(stop_at, [partial(self._items, ids) for ids in asked])
        return EntityHistory(
            payments=payments,
            first_seen=first_seen,
            capped=capped,
            waiting=[item["transaction_id"]["S"] for item in _in_order(queue, asked[1]) if "review_queue" in item],
            waiting_capped=capped or len(flagged) > LOOKED_INTO,
            shares=self._shares(thing, looked_into, by_id, stop_at if sharing else None),
            looked_into=len(asked[0]),
        )

    def _indexes(self, thing: Thing) -> list[tuple[Index, str]]:
        if thing.entity == ACCOUNT:
            return [(index, thing.value) for index in BY_ACCOUNT]
        return [(BY_SLOT[slot], thing.key) for slot in thing.slots]

    def _each(self, stop_at: float, reads: Sequence[Callable[[], T]]) -> list[T]:
        """What they read, by the time that all reads of one look-up have. Raises StoreUnavailable."""
        found: list[T] = []
        for one in self.calls.each(reads, stop_at):
            if isinstance(one, StoreUnavailable):
                raise one
            found.append(one)
        return found

    def _page(self, index: Index, key: str, most: int, *, newest: bool = True) -> Any:
        """A page of an index: payments only, and not what stands beside another one under the same id."""
        return client.dynamodb().query(
            TableName=self.table,
            IndexName=index.name,
            KeyConditionExpression="#key = :key",
            FilterExpression="#record = :transaction",
            ExpressionAttributeNames={"#key": index.key, "#record": "record"},
            ExpressionAttributeValues=attributes({":key": key, ":transaction": TRANSACTION_RECORD}),
            ScanIndexForward=not newest,
            Limit=most,
        )

    def _first_seen(self, indexes: Iterable[tuple[Index, str]], stop_at: float) -> datetime | None:
        reads = [partial(self._page, index, key, LOOKED_INTO, newest=False) for index, key in indexes]
        pages = self._each(stop_at, reads)
        return min((_payment(page["Items"][0]).occurred_at for page in pages if page["Items"]), default=None)

    def _items(self, transaction_ids: Sequence[str]) -> "list[Item]":
        """What the indexes do not carry: the other things that a payment names, and whether it waits for review."""
        if not transaction_ids:
            return []
        names = {f"#n{at}": name for at, name in enumerate(("transaction_id", "review_queue", *ENTITY_SLOTS))}
        keys = [attributes({"transaction_id": name, "record": TRANSACTION_RECORD}) for name in transaction_ids]
        asked = {
            "Keys": keys,
            "ProjectionExpression": ", ".join(names),
            "ExpressionAttributeNames": names,
            "ConsistentRead": False,
        }
        return read_items(client.dynamodb().batch_get_item, self.table, asked)

    def _shares(
        self, thing: Thing, items: "Iterable[Item]", payments: dict[str, EntityPayment], stop_at: float | None
    ) -> list[Share]:
        """The other things that the payments name, those of most payments first; who else has them by `stop_at`."""
        found: dict[str, dict[str, int]] = {}
        for item in items:
            for at, slot in enumerate(ENTITY_SLOTS, start=1):
                if (key := item.get(slot, {}).get("S")) is not None and key != thing.key:
                    found.setdefault(key, {}).setdefault(item["transaction_id"]["S"], at)
        keys = sorted(found, key=lambda key: (-len(found[key]), key))
        asked = (
            [(BY_SLOT[next(iter(found[key].values()))], key) for key in keys[:MOST_SHARES]]
            if stop_at is not None
            else []
        )
        pages = self._each(stop_at or 0, [partial(self._page, index, key, ROWS_OF_SHARE) for index, key in asked])
        read: list[Any] = [*pages, *([None] * (len(keys) - len(pages)))]
        return [
            _share(thing, key, [payments[name] for name in found[key]], page)
            for key, page in zip(keys, read, strict=True)
        ]


def _share(thing: Thing, key: str, payments: Sequence[EntityPayment], page: Any) -> Share:
    entity, _, value = key.partition("#")
    own = thing.value if thing.entity == ACCOUNT else None
    senders = {_payment(item).sender for item in page["Items"]} if page is not None else set()
    return Share(
        entity=entity,
        value=value,
        payments=len(payments),
        amount=sum((one.amount or Decimal() for one in payments), Decimal()),
        accounts=frozenset(name for name in senders if name is not None and name != own),
        capped=page is None or "LastEvaluatedKey" in page,
    )


def _in_order(items: "Iterable[Item]", transaction_ids: Sequence[str]) -> "list[Item]":
    found = {item["transaction_id"]["S"]: item for item in items}
    return [found[name] for name in transaction_ids if name in found]


def _payment(item: "Item") -> EntityPayment:
    return EntityPayment(
        transaction_id=item["transaction_id"]["S"],
        occurred_at=datetime.fromisoformat(item["occurred_at"]["S"]),
        amount=Decimal(item["amount"]["N"]) if "amount" in item else None,
        outcome=_text(item, "outcome"),
        label=_text(item, "label"),
        sender=_text(item, SENDER),
        receiver=_text(item, RECEIVER),
    )


def _text(item: "Item", name: str) -> str | None:
    return item[name]["S"] if name in item else None
