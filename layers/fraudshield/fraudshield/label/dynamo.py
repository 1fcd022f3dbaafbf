"""Labels in DynamoDB: a history record and the transaction's own label, in one transaction."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from fraudshield.audit.audit import Action, AuditEntry, Author, digest, subject_of
from fraudshield.audit.dynamo import DynamoAuditLog
from fraudshield.aws.client import dynamodb
from fraudshield.budget import BACK_OFF_S, STORE_S
from fraudshield.dynamo.attempt import until_done, until_found
from fraudshield.dynamo.call import BoundedCalls
from fraudshield.dynamo.page import items
from fraudshield.dynamo.record import attributes
from fraudshield.dynamo.write import written
from fraudshield.errors import Fault, NotFound, StoreUnavailable
from fraudshield.label.dynamo_item import LABEL_RECORDS, from_record, record_name, relabelled, to_record
from fraudshield.label.label import History, Label, RecordedLabel, in_force, known_record, recorded
from fraudshield.label.port import LabelOutcome, LabelResult
from fraudshield.text.timestamp import instant
from fraudshield.transaction.dynamo import TRANSACTION_RECORD

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

    from fraudshield.dynamo.record import Item

    Entries = Callable[[str, Author, Action, datetime, tuple[History, History]], Sequence[TransactWriteItemTypeDef]]

T = TypeVar("T")
NOT_REACHED = Fault("", "The call's time was up before this line; send it again", "not_reached")


@dataclass(frozen=True, slots=True)
class TransactionLabels:
    """A transaction's item, and every label that it ever had."""

    transaction: "Item"
    history: History


@dataclass(frozen=True, slots=True)
class DynamoLabelStore:
    """Implements the `LabelStore` port on one table. A write that another overtook is tried again from a new read."""

    table: str
    calls: BoundedCalls
    audit: DynamoAuditLog

    def history(self, transaction_id: str) -> History:
        return self.calls.one(partial(self._read, transaction_id)).history

    def add(self, transaction_id: str, label: Label, by: Author, stop_at: float = math.inf) -> History:
        _, history = self._until_done(partial(self._add, transaction_id, label, by, self._entry), stop_at)
        return history

    def take_back(self, transaction_id: str, undone_at: datetime, by: Author) -> History:
        return self._until_done(partial(self._take_back, transaction_id, None, undone_at, by))

    def take_back_one(
        self, transaction_id: str, label: Label, undone_at: datetime, by: Author, stop_at: float = math.inf
    ) -> History:
        return self._until_done(partial(self._take_back, transaction_id, label, undone_at, by), stop_at)

    def add_many(self, labels: Sequence[tuple[str, Label]], by: Author, stop_at: float) -> list[LabelOutcome]:
        """Writes transactions in parallel, the labels of each one after the other."""
        dynamodb()  # made before the clock starts
        positions: dict[str, list[int]] = {}
        for position, (transaction_id, _) in enumerate(labels):
            positions.setdefault(transaction_id, []).append(position)
        one_by_one = [
            partial(self._add_in_order, name, [labels[position][1] for position in there], by, stop_at - STORE_S)
            for name, there in positions.items()
        ]
        results: dict[int, LabelOutcome] = {}
        for there, done in zip(positions.values(), self.calls.each(one_by_one, stop_at), strict=True):
            unavailable = isinstance(done, StoreUnavailable)
            each = [Fault("", "The store did not respond; send this line again", StoreUnavailable.code)] * len(there)
            results |= dict(zip(there, each if unavailable else done, strict=True))  # type: ignore[arg-type]
        return [results[position] for position in range(len(labels))]

    def _add_in_order(
        self, transaction_id: str, labels: Sequence[Label], by: Author, last_start: float
    ) -> list[LabelOutcome]:
        return [self._add_one(transaction_id, label, by, last_start) for label in labels]

    def _add_one(self, transaction_id: str, label: Label, by: Author, last_start: float) -> LabelOutcome:
        try:
            done = until_found(partial(self._add, transaction_id, label, by, _of_a_file), BACK_OFF_S, last_start)
        except NotFound as exc:
            return Fault("/transaction_id", str(exc), exc.code)
        return NOT_REACHED if done is None else done[0]

    def _until_done(self, attempt: Callable[[], T | None], stop_at: float = math.inf) -> T:
        return until_done(partial(self.calls.one, attempt), "the labels of this transaction", stop_at)

    def _add(
        self, transaction_id: str, label: Label, by: Author, entries: "Entries"
    ) -> tuple[LabelResult, History] | None:
        """Returns None where another write was faster."""
        read = self._read(transaction_id)
        if known_record(read.history, label):
            return LabelResult.KNOWN, read.history
        one = recorded(read.history, label, by.key_id, datetime.now(UTC), by.actor)
        history = [*read.history, one]
        put: TransactWriteItemTypeDef = {
            "Put": {
                "TableName": self.table,
                "Item": to_record(read.transaction, one),
                "ConditionExpression": "attribute_not_exists(#record)",
                "ExpressionAttributeNames": {"#record": "record"},
            }
        }
        beside = entries(transaction_id, by, "recorded", one.recorded_at, (read.history, history))
        return (LabelResult.NEW, history) if self._write([put, *beside], read.transaction, history) else None

    def _take_back(self, transaction_id: str, label: Label | None, undone_at: datetime, by: Author) -> History | None:
        """Takes back the label in force, or the one that is named. Returns None where another write was faster."""
        read = self._read(transaction_id)
        if any(one.undone_in == by.request_id for one in read.history):
            return read.history
        now = in_force(read.history) if label is None else known_record(read.history, label)
        if now is None and label is not None:
            return read.history
        if now is None:
            raise NotFound("No label is in force, so none can be taken back")
        undone = replace(now, undone_at=undone_at, undone_in=by.request_id)
        history = [undone if one is now else one for one in read.history]
        beside = self._entry(transaction_id, by, "taken_back", undone_at, (read.history, history))
        writes = [self._undo(transaction_id, undone), *beside]
        return history if self._write(writes, read.transaction, history) else None

    def _read(self, transaction_id: str) -> TransactionLabels:
        """Reads the item first: what is recorded after that shows in its revision. Raises NotFound."""
        client = dynamodb()
        key: Item = attributes({"transaction_id": transaction_id, "record": TRANSACTION_RECORD})
        found = client.get_item(
            TableName=self.table,
            Key=key,
            ProjectionExpression="transaction_id, #record, outcome, label_revision, expires_at, review",
            ExpressionAttributeNames={"#record": "record"},
            ConsistentRead=True,
        ).get("Item")
        if found is None:
            raise NotFound("There is no transaction of this id")
        return TransactionLabels(found, self._history(transaction_id) if "label_revision" in found else [])

    def _history(self, transaction_id: str) -> History:
        asked = {
            "TableName": self.table,
            "KeyConditionExpression": "transaction_id = :id AND begins_with(#record, :labels)",
            "ExpressionAttributeNames": {"#record": "record"},
            "ExpressionAttributeValues": attributes({":id": transaction_id, ":labels": LABEL_RECORDS}),
            "ConsistentRead": True,
        }
        return [from_record(item) for item in items(dynamodb().query, asked)]

    def _undo(self, transaction_id: str, undone: RecordedLabel) -> "TransactWriteItemTypeDef":
        assert undone.undone_at is not None  # noqa: S101 what it is called for
        return {
            "Update": {
                "TableName": self.table,
                "Key": attributes({"transaction_id": transaction_id, "record": record_name(undone)}),
                "UpdateExpression": "SET undone_at = :at, undone_in = :request",
                "ConditionExpression": "attribute_exists(transaction_id) AND attribute_not_exists(undone_at)",
                "ExpressionAttributeValues": attributes(
                    {":at": instant(undone.undone_at), ":request": undone.undone_in}
                ),
            }
        }

    def _entry(
        self, transaction_id: str, by: Author, action: Action, at: datetime, histories: tuple[History, History]
    ) -> "list[TransactWriteItemTypeDef]":
        before, after = (_digest(in_force(history)) for history in histories)
        return [self.audit.put(AuditEntry(at, by, "label", action, subject_of(transaction_id), before, after))]

    def _write(self, beside: "list[TransactWriteItemTypeDef]", transaction: "Item", history: History) -> bool:
        """Returns whether all was written; nothing was where another was faster."""
        return written([*beside, {"Update": relabelled(self.table, transaction, history)}])


def _of_a_file(*_: object) -> "list[TransactWriteItemTypeDef]":
    """No entry for each of them: their file has one."""
    return []


def _digest(now: RecordedLabel | None) -> str | None:
    if now is None:
        return None
    said = now.label
    return digest({"label": said.truth, "source": said.source, "labelled_at": instant(said.labelled_at)})
