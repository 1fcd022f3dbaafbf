"""Notes in DynamoDB: a record beside the transaction for each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from fraudshield.audit.audit import AuditEntry, Author, subject_of
from fraudshield.audit.dynamo import DynamoAuditLog
from fraudshield.aws.client import dynamodb
from fraudshield.dynamo.call import BoundedCalls
from fraudshield.dynamo.record import attributes
from fraudshield.dynamo.write import put_new_with
from fraudshield.errors import NotFound
from fraudshield.review.dynamo import UNKNOWN
from fraudshield.review.dynamo_item import NOTE_RECORDS, note_item, note_of
from fraudshield.review.note import Note
from fraudshield.transaction.dynamo import TRANSACTION_RECORD

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

MOST = 100  # of a payment's notes that are read


@dataclass(frozen=True, slots=True)
class DynamoNotes:
    """Implements the `Notes` port on one table."""

    table: str
    calls: BoundedCalls
    audit: DynamoAuditLog
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def add(self, transaction_id: str, text: str, by: Author) -> Note:
        note = Note(token_hex(12), text, self.clock(), by.key_id, by.actor)
        self.calls.one(partial(self._add, transaction_id, note, by))
        return note

    def of(self, transaction_id: str) -> Sequence[Note]:
        asked: dict[str, Any] = {
            "TableName": self.table,
            "KeyConditionExpression": "transaction_id = :id AND begins_with(#record, :notes)",
            "ExpressionAttributeNames": {"#record": "record"},
            "ExpressionAttributeValues": attributes({":id": transaction_id, ":notes": NOTE_RECORDS}),
            "ScanIndexForward": False,
            "ConsistentRead": True,
            "Limit": MOST,
        }
        found = self.calls.one(lambda: dynamodb().query(**asked))
        return [note_of(item) for item in reversed(found["Items"])]

    def _add(self, transaction_id: str, note: Note, by: Author) -> None:
        """Safe to repeat: the note that is found then is this very one."""
        transaction = self._transaction(transaction_id)
        entry = self.audit.put(AuditEntry(note.noted_at, by, "note", "recorded", subject_of(transaction_id)))
        put_new_with(self.table, note_item(transaction, note), "record", [entry])

    def _transaction(self, transaction_id: str) -> "Item":
        found = dynamodb().get_item(
            TableName=self.table,
            Key=attributes({"transaction_id": transaction_id, "record": TRANSACTION_RECORD}),
            ProjectionExpression="transaction_id, expires_at",
            ConsistentRead=True,
        )
        if "Item" not in found:
            raise NotFound(UNKNOWN)
        return found["Item"]
