"""Transactions with their first decision in DynamoDB, each written once."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from fraudshield.aws.client import dynamodb
from fraudshield.budget import STORE_S
from fraudshield.dynamo.call import BoundedCalls
from fraudshield.dynamo.write import put_new
from fraudshield.errors import TransactionConflict
from fraudshield.scoring.decision import ScoredTransaction
from fraudshield.scoring.dynamo_item import from_item, to_item
from fraudshield.scoring.port import Kept
from fraudshield.transaction.dynamo import TRANSACTION_RECORD, is_decided, same_content
from fraudshield.transaction.dynamo_beside import DECISION
from fraudshield.transaction.dynamo_money import AMOUNT, MONEY, SHOWN
from fraudshield.transaction.dynamo_own import BUSY, ENTITY_SLOTS
from fraudshield.transaction.source import Source

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item
    from fraudshield.dynamo.write import Connect

# What a decision brings, and what the version that decided finds and shows it by; all else stays as it came.
FILLED = DECISION | {"review_queue", "expected_loss", "source", "batch_row", "job", SHOWN, BUSY, MONEY, *ENTITY_SLOTS}


def put_decided(table: str, item: "Item", connect: "Connect" = dynamodb) -> "Item | None":
    """Stores a decided transaction, unless its id has a decision or another content by now: then gives what is there.

    As `put_new`, not idempotent by itself. Raises botocore's errors.
    """
    while True:  # each turn but the last, somebody else changed the stored one meanwhile
        stored = put_new(table, item, "transaction_id", connect)
        if stored is None or is_decided(stored) or not same_content(stored, item):
            return stored
        if _fill(table, stored, item, connect):
            return None


def _fill(table: str, stored: "Item", item: "Item", connect: "Connect") -> bool:
    """Fills in the decision; False where the stored one has changed since. A labelled one is not for review."""
    values: Item = {name: value for name, value in item.items() if name in FILLED}
    gone = ""
    if stored.get(AMOUNT) != item.get(AMOUNT):  # by the rates of now, where other ones were in force
        values |= {AMOUNT: item[AMOUNT]} if AMOUNT in item else {}
        gone = "" if AMOUNT in item else f" REMOVE {AMOUNT}"
    unchanged, read = "attribute_not_exists(label_revision)", stored.get("label_revision")
    if "label" in stored:
        values.pop("review_queue", None)
    if read is not None:  # who is about to take the label back must see that it is flagged now
        unchanged = "label_revision = :read"
        values["label_revision"] = {"N": str(int(read["N"]) + 1)}
    try:
        connect().update_item(
            TableName=table,
            Key={name: stored[name] for name in ("transaction_id", "record")},
            UpdateExpression=f"SET {', '.join(f'#{name} = :{name}' for name in sorted(values))}{gone}",
            ConditionExpression=f"content_hash = :hash AND attribute_not_exists(outcome) AND {unchanged}",
            ExpressionAttributeNames={f"#{name}": name for name in values},
            ExpressionAttributeValues={
                **{f":{name}": value for name, value in values.items()},
                ":hash": stored["content_hash"],
                **({":read": read} if read is not None else {}),
            },
        )
    except ClientError as exc:
        if exc.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        return False
    return True


@dataclass(frozen=True, slots=True)
class DynamoTransactionStore:
    """The `TransactionStore` port on one table; `source` says where its transactions came from.

    `lookups` are the calls for what no payment waits for, where those are others than `calls`.
    """

    table: str
    calls: BoundedCalls
    source: Source = "api"
    retention_days: int = 0
    lookups: BoundedCalls | None = None

    def add(self, scored: Sequence[ScoredTransaction], stop_at: float) -> list[Kept]:
        """Gives one transaction `STORE_S`, and many until `stop_at` between them."""
        dynamodb()  # made before the clock starts: the first one takes a while
        if len(scored) == 1:
            stop_at = min(stop_at, time.monotonic() + STORE_S)
        return list(self.calls.each([partial(self._add_one, one) for one in scored], stop_at))

    def find(self, transaction_id: str) -> ScoredTransaction | None:
        client = dynamodb()
        key = {"transaction_id": {"S": transaction_id}, "record": {"S": TRANSACTION_RECORD}}
        calls = self.lookups or self.calls
        found = calls.one(lambda: client.get_item(TableName=self.table, Key=key, ConsistentRead=True))
        return from_item(found["Item"]) if "Item" in found and is_decided(found["Item"]) else None

    def _add_one(self, scored: ScoredTransaction) -> Kept:
        item = to_item(scored, self.source, self.retention_days)
        stored = put_decided(self.table, item)
        if stored is None:
            return scored.decision
        if not same_content(stored, item):
            return TransactionConflict("transaction_id is already stored with another content")
        return from_item(stored).decision
