"""An account's earlier transactions, read from the table's indexes: nothing extra is written for them."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from fraudshield.aws import client
from fraudshield.breaker import Breaker
from fraudshield.budget import VELOCITIES_S, VELOCITY_S
from fraudshield.dynamo.call import BoundedCalls
from fraudshield.errors import StoreUnavailable
from fraudshield.policy.port import Reach
from fraudshield.policy.velocity import ROWS, Movement, Movements, Side
from fraudshield.text.timestamp import instant
from fraudshield.transaction.dynamo import TRANSACTION_RECORD
from fraudshield.transaction.occurrence import Occurrence

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

# Index, the account's attribute, the counterparty's.
SIDES: dict[Side, tuple[str, str, str]] = {
    "origin": ("by_sender", "nameOrig", "nameDest"),
    "destination": ("by_receiver", "nameDest", "nameOrig"),
}


@dataclass(frozen=True, slots=True)
class DynamoVelocity:
    """The `VelocitySource` port. Its `calls` have a breaker of their own: late is no reason to spare the store.

    `store` is the store's breaker: while that is open, nothing is asked here either.
    """

    table: str
    calls: BoundedCalls
    store: Breaker

    def histories(self, occurrences: Sequence[Occurrence], reach: Reach) -> list[Movements | None]:
        """Sends one query for each side that is needed, all at the same time."""
        if self.store.is_open:
            return [None] * len(occurrences)
        client.dynamodb()  # made before the clock starts
        stop_at = time.monotonic() + (VELOCITY_S if len(occurrences) == 1 else VELOCITIES_S)
        queries = [partial(self._query, one, side, reach) for one in occurrences for side in reach]
        found = iter(self.calls.each(queries, stop_at))
        return [self._history(reach, [next(found) for _ in reach]) for _ in occurrences]

    def _history(self, reach: Reach, sides: Sequence[list[Movement] | StoreUnavailable]) -> Movements | None:
        read = [one for one in sides if not isinstance(one, StoreUnavailable)]
        return dict(zip(reach, read, strict=True)) if len(read) == len(sides) else None

    def _query(self, occurrence: Occurrence, side: Side, reach: Reach) -> list[Movement]:
        index, account, counterparty = SIDES[side]
        values: Item = {
            ":account": {"S": getattr(occurrence.transaction, account)},
            ":since": {"S": instant(occurrence.at - reach[side])},
            ":until": {"S": instant(occurrence.at)},
            ":record": {"S": TRANSACTION_RECORD},
            ":own": {"S": occurrence.transaction.transaction_id},
        }
        items = client.dynamodb().query(
            TableName=self.table,
            IndexName=index,
            KeyConditionExpression=f"{account} = :account AND occurred_at BETWEEN :since AND :until",
            FilterExpression="#record = :record AND transaction_id <> :own",
            ProjectionExpression=f"occurred_at, amount, {counterparty}",
            ExpressionAttributeNames={"#record": "record"},
            ExpressionAttributeValues=values,
            ScanIndexForward=False,
            Limit=ROWS,
        )["Items"]
        return [_movement(item, counterparty) for item in items]


def _movement(item: Any, counterparty: str) -> Movement:
    return Movement(
        datetime.fromisoformat(item["occurred_at"]["S"]), Decimal(item["amount"]["N"]), item[counterparty]["S"]
    )
