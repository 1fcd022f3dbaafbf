"""Transactions that are kept as they came, and all records beside one: read by key, never by scan."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from fraudshield.aws import clients
from fraudshield.aws.bounded import BoundedCalls
from fraudshield.aws.conditional import put_new
from fraudshield.aws.item import from_item
from fraudshield.aws.label_item import label_of
from fraudshield.aws.prediction_item import PREDICTION_RECORDS, from_record, to_record
from fraudshield.aws.transaction_item import (
    TRANSACTION_RECORD,
    is_decided,
    received_at,
    same_content,
    transaction_of,
    undecided_item,
)
from fraudshield.errors import NotFound, TransactionConflict
from fraudshield.later_prediction import KeptPrediction, PostedPrediction
from fraudshield.stored import Stored
from fraudshield.transaction import Transaction

if TYPE_CHECKING:
    from fraudshield.aws.attribute import Item

UNKNOWN = "No transaction is stored under this transaction_id"


@dataclass(frozen=True, slots=True)
class DynamoRecords:
    """The `Records` port on one table."""

    table: str
    calls: BoundedCalls
    retention_days: int = 0

    def store(self, transaction: Transaction, now: datetime) -> bool:
        """See the port."""
        clients.dynamodb()  # made before the clock starts
        item = undecided_item(transaction, transaction.occurred_at or now, now, self.retention_days)
        stored = self.calls.one(partial(put_new, self.table, item, "transaction_id"))
        if stored is not None and not same_content(stored, item):
            raise TransactionConflict("transaction_id is already stored with another content")
        return stored is None

    def find(self, transaction_id: str) -> Stored:
        """See the port."""
        return _stored(self._transaction(transaction_id))

    def append(self, posted: PostedPrediction, now: datetime) -> bool:
        """See the port. What is appended while its transaction is erased says nothing about anybody."""
        transaction = self._transaction(posted.transaction_id)
        record = to_record(posted, transaction, now)
        return self.calls.one(partial(put_new, self.table, record, "record")) is None

    def predictions(
        self, transaction_id: str, limit: int, after: str | None
    ) -> tuple[Sequence[KeptPrediction], str | None]:
        """See the port. The first decision, which is on the transaction itself, comes after all others."""
        transaction = self._transaction(transaction_id)
        page = self.calls.one(partial(self._appended, transaction_id, limit, after))
        found = [from_record(item) for item in page["Items"]]
        if "LastEvaluatedKey" in page or (len(found) == limit and is_decided(transaction)):
            return found, page["Items"][-1]["record"]["S"]
        return found + ([from_record(transaction)] if is_decided(transaction) else []), None

    def _transaction(self, transaction_id: str) -> "Item":
        client = clients.dynamodb()
        key = {"transaction_id": {"S": transaction_id}, "record": {"S": TRANSACTION_RECORD}}
        found = self.calls.one(lambda: client.get_item(TableName=self.table, Key=key, ConsistentRead=True))
        if "Item" not in found:
            raise NotFound(UNKNOWN)
        return found["Item"]

    def _appended(self, transaction_id: str, limit: int, after: str | None) -> Any:
        asked: dict[str, Any] = {
            "TableName": self.table,
            "KeyConditionExpression": "transaction_id = :id AND begins_with(#record, :predictions)",
            "ExpressionAttributeNames": {"#record": "record"},
            "ExpressionAttributeValues": {":id": {"S": transaction_id}, ":predictions": {"S": PREDICTION_RECORDS}},
            "ScanIndexForward": False,
            "ConsistentRead": True,
            "Limit": limit,
        }
        if after is not None:
            asked["ExclusiveStartKey"] = {"transaction_id": {"S": transaction_id}, "record": {"S": after}}
        return clients.dynamodb().query(**asked)


def _stored(item: "Item") -> Stored:
    return Stored(
        transaction=transaction_of(item),
        occurred_at=datetime.fromisoformat(item["occurred_at"]["S"]),
        received_at=received_at(item),
        source=item["source"]["S"],
        decision=from_item(item).decision if is_decided(item) else None,
        label=label_of(item),
    )
