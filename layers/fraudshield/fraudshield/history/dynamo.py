"""Transactions as they were sent, and the predictions stored beside them, in DynamoDB."""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from fraudshield.aws.client import dynamodb
from fraudshield.budget import LIST_S
from fraudshield.dynamo.batch_read import by_hundreds, read_items
from fraudshield.dynamo.call import BoundedCalls
from fraudshield.dynamo.record import attributes, from_attributes
from fraudshield.dynamo.write import if_allowed, put_new
from fraudshield.errors import FactConflict, NotFound, TransactionConflict
from fraudshield.history.prediction import KeptPrediction, PostedPrediction
from fraudshield.history.record import StoredRecord
from fraudshield.label.dynamo_item import label_of
from fraudshield.rate.port import WITHOUT_RATES, RateSource
from fraudshield.scoring.decision import Decision
from fraudshield.scoring.dynamo_item import decision_of, from_item
from fraudshield.text.timestamp import instant
from fraudshield.transaction.dynamo import (
    TRANSACTION_RECORD,
    is_decided,
    received_at,
    same_content,
    transaction_of,
    undecided_item,
)
from fraudshield.transaction.dynamo_money import SHOWN
from fraudshield.transaction.dynamo_own import FACTS, attribute, facts_in, shown_and_sent_in
from fraudshield.transaction.pricing import priced
from fraudshield.transaction.transaction import Transaction

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

PREDICTION_RECORDS = "prediction#"


def record_name(posted: PostedPrediction) -> str:
    """Returns the sort key, made only of what was sent, so that the same prediction is stored once."""
    when = "posted" if posted.decided_at is None else instant(posted.decided_at)
    return f"{PREDICTION_RECORDS}{when}#{posted.digest()}"


def to_record(posted: PostedPrediction, transaction: "Item", now: datetime) -> "Item":
    """Writes a posted prediction as an item, which ages out with its transaction."""
    values = {
        "transaction_id": posted.transaction_id,
        "record": record_name(posted),
        "risk": posted.risk_score,
        "prediction": posted.prediction,
        "confidence": posted.confidence,
        "model_version": posted.model_version,
        "service_used": posted.service_used,
        "decided_at": instant(posted.decided_at or now),
    }
    kept = {name: transaction[name] for name in ("expires_at",) if name in transaction}
    return attributes(values) | kept


def from_record(item: "Item") -> KeptPrediction:
    """Reads a prediction from the item of a decided transaction, of a decision beside it, or of a posted one."""
    stored = from_attributes(item)
    decided = "outcome" in stored
    risk, sure = _measures(decision_of(item)) if decided else (stored["risk"], stored["confidence"])
    first = stored["record"] == TRANSACTION_RECORD
    return KeptPrediction(
        transaction_id=stored["transaction_id"],
        kind="first" if first else "answered" if decided else "posted",
        risk=risk,
        prediction=int(stored["prediction"]),
        confidence=sure,
        model_version=stored.get("model_version"),
        service_used=stored["service_used"] if "service_used" in stored else stored["decision_source"],
        decided_at=datetime.fromisoformat(stored["decided_at"]),
        outcome=stored["outcome"] if decided else None,
        policy_version=int(stored["policy_version"]) if decided else None,
    )


def _measures(decision: Decision) -> tuple[float | None, float | None]:
    return decision.risk, decision.confidence


UNKNOWN = "No transaction is stored under this transaction_id"


@dataclass(frozen=True, slots=True)
class DynamoRecords:
    """The `Records` port on one table."""

    table: str
    calls: BoundedCalls
    retention_days: int = 0
    rates: RateSource = WITHOUT_RATES

    def store(self, transaction: Transaction, now: datetime) -> bool:
        dynamodb()  # made before the clock starts
        at = transaction.occurred_at or now
        sent = priced(transaction, at, lambda: self.rates.current().rates)
        item = undecided_item(sent, at, now, self.retention_days)
        stored = self.calls.one(partial(put_new, self.table, item, "transaction_id"))
        if stored is not None and not same_content(stored, item):
            raise TransactionConflict("transaction_id is already stored with another content")
        return stored is None

    def find(self, transaction_id: str) -> StoredRecord:
        return _stored(self._transaction(transaction_id))

    def all_of(self, transaction_ids: Sequence[str]) -> Sequence[StoredRecord]:
        dynamodb()  # made before the clock starts
        items = by_hundreds(self.calls, self._items, transaction_ids, time.monotonic() + LIST_S)
        found = {item["transaction_id"]["S"]: _stored(item) for item in items}
        return [found[one] for one in transaction_ids if one in found]

    def tell(self, transaction_id: str, facts: Mapping[str, object], listed: Collection[str]) -> bool:
        while True:  # each turn but the last, somebody else told something meanwhile
            item = self._transaction(transaction_id)
            known = facts_in(item)
            if others := [name for name in facts if name in known and known[name] != facts[name]]:
                raise FactConflict(f"{others[0]} was told already, with another value")
            if facts.keys() <= known.keys():
                return False
            if self.calls.one(partial(self._tell, item, {**known, **facts}, listed)):
                return True

    def _tell(self, item: "Item", facts: Mapping[str, object], listed: Collection[str]) -> bool:
        """Writes all facts unless others, or what lists show, have changed since; returns whether it did."""
        seen = {name: facts[name] for name in listed if name in facts}
        changed = {FACTS: facts} | ({SHOWN: {**shown_and_sent_in(item), **seen}} if seen else {})
        unchanged = [f"#{name} = :old_{name}" if name in item else f"attribute_not_exists(#{name})" for name in changed]
        old = {f":old_{name}": item[name] for name in changed if name in item}
        written = if_allowed(
            partial(
                dynamodb().update_item,
                TableName=self.table,
                Key={name: item[name] for name in ("transaction_id", "record")},
                UpdateExpression=f"SET {', '.join(f'#{name} = :{name}' for name in changed)}",
                ConditionExpression=" AND ".join(["attribute_exists(transaction_id)", *unchanged]),
                ExpressionAttributeNames={f"#{name}": name for name in changed},
                ExpressionAttributeValues={**old, **{f":{name}": attribute(one) for name, one in changed.items()}},
            )
        )
        return written is not None

    def append(self, posted: PostedPrediction, now: datetime) -> bool:
        """Appends a record, which names no account: it may be written while its transaction is being erased."""
        transaction = self._transaction(posted.transaction_id)
        record = to_record(posted, transaction, now)
        return self.calls.one(partial(put_new, self.table, record, "record")) is None

    def predictions(
        self, transaction_id: str, limit: int, after: str | None
    ) -> tuple[Sequence[KeptPrediction], str | None]:
        """Lists appended predictions, and last the first decision, which stands in the transaction's own item."""
        transaction = self._transaction(transaction_id)
        page = self.calls.one(partial(self._appended, transaction_id, limit, after))
        found = [from_record(item) for item in page["Items"]]
        if "LastEvaluatedKey" in page or (len(found) == limit and is_decided(transaction)):
            return found, page["Items"][-1]["record"]["S"]
        return found + ([from_record(transaction)] if is_decided(transaction) else []), None

    def _transaction(self, transaction_id: str) -> "Item":
        client = dynamodb()
        key = {"transaction_id": {"S": transaction_id}, "record": {"S": TRANSACTION_RECORD}}
        found = self.calls.one(lambda: client.get_item(TableName=self.table, Key=key, ConsistentRead=True))
        if "Item" not in found:
            raise NotFound(UNKNOWN)
        return found["Item"]

    def _items(self, transaction_ids: Sequence[str]) -> "list[Item]":
        keys: Any = [{"transaction_id": {"S": one}, "record": {"S": TRANSACTION_RECORD}} for one in transaction_ids]
        return read_items(dynamodb().batch_get_item, self.table, {"Keys": keys})

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
        return dynamodb().query(**asked)


def _stored(item: "Item") -> StoredRecord:
    return StoredRecord(
        transaction=transaction_of(item),
        occurred_at=datetime.fromisoformat(item["occurred_at"]["S"]),
        received_at=received_at(item),
        source=item["source"]["S"],
        decision=from_item(item).decision if is_decided(item) else None,
        label=label_of(item),
        facts=facts_in(item),
        job=item["job"]["S"] if "job" in item else None,
        verdict=_verdict(item),
    )


def _verdict(item: Any) -> str | None:
    review = item.get("review", {}).get("M", {})
    return review["verdict"]["S"] if "verdict" in review else None
