"""An account's earlier transactions, read from the table's indexes: nothing extra is written for them."""

import time
from collections.abc import Mapping, Sequence
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
from fraudshield.transaction.dynamo import RECEIVER, SENDER, TRANSACTION_RECORD
from fraudshield.transaction.occurrence import Occurrence

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

# Index, the account's attribute, the counterparty's: attributes bear these names whatever a type calls its fields.
SIDES: dict[Side, tuple[str, str, str]] = {
    "origin": ("by_sender", SENDER, RECEIVER),
    "destination": ("by_receiver", RECEIVER, SENDER),
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
        asked = [_accounts(one, reach) for one in occurrences]
        queries = [
            partial(self._query, one, side, account, reach)
            for one, accounts in zip(occurrences, asked, strict=True)
            for side, account in accounts.items()
        ]
        found = iter(self.calls.each(queries, stop_at))
        return [_history({side: next(found) for side in accounts}) for accounts in asked]

    def _query(self, occurrence: Occurrence, side: Side, account: str, reach: Reach) -> list[Movement]:
        index, key, counterparty = SIDES[side]
        values: Item = {
            ":account": {"S": account},
            ":since": {"S": instant(occurrence.at - reach[side])},
            ":until": {"S": instant(occurrence.at)},
            ":record": {"S": TRANSACTION_RECORD},
            ":own": {"S": occurrence.transaction.transaction_id},
        }
        items = client.dynamodb().query(
            TableName=self.table,
            IndexName=index,
            KeyConditionExpression=f"{key} = :account AND occurred_at BETWEEN :since AND :until",
            FilterExpression="#record = :record AND transaction_id <> :own",
            ProjectionExpression=f"occurred_at, amount, {counterparty}",
            ExpressionAttributeNames={"#record": "record"},
            ExpressionAttributeValues=values,
            ScanIndexForward=False,
            Limit=ROWS,
        )["Items"]
        return [_movement(item, counterparty) for item in items]


def _accounts(occurrence: Occurrence, reach: Reach) -> dict[Side, str]:
    """The account on each side that is asked about, where the payment has one."""
    accounts = {"origin": occurrence.transaction.sender, "destination": occurrence.transaction.receiver}
    return {side: account for side in reach if (account := accounts[side]) is not None}


def _history(sides: Mapping[Side, list[Movement] | StoreUnavailable]) -> Movements | None:
    read = {side: one for side, one in sides.items() if not isinstance(one, StoreUnavailable)}
    return read if len(read) == len(sides) else None


def _movement(item: Any, counterparty: str) -> Movement:
    """One without an amount adds nothing to a sum."""
    amount = Decimal(item["amount"]["N"]) if "amount" in item else Decimal(0)
    other = item[counterparty]["S"] if counterparty in item else None
    return Movement(datetime.fromisoformat(item["occurred_at"]["S"]), amount, other)
