"""Event types in DynamoDB: their versions beside those of the policy, and the one item that says what is in force."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import ClientError
from pydantic import BaseModel, ValidationError

from fraudshield.audit.audit import AuditEntry
from fraudshield.audit.dynamo import DynamoAuditLog
from fraudshield.aws import client
from fraudshield.budget import STORE_S
from fraudshield.dynamo.call import BoundedCalls
from fraudshield.dynamo.write import CONDITION_FAILED, cancellation_reasons, condition_failed
from fraudshield.errors import EventTypeConflict, Malformed, StoreUnavailable
from fraudshield.event_type.event_type import EventType
from fraudshield.event_type.in_force import InForce
from fraudshield.event_type.port import Version
from fraudshield.text import strict_json
from fraudshield.text.json_text import json_text

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

Document = TypeVar("Document", bound=BaseModel)
MEANWHILE = "Another event type or version was stored meanwhile; read it, and send yours again"
IN_FORCE: "Item" = {"name": {"S": "in_force"}, "version": {"N": "0"}}


@dataclass(frozen=True, slots=True)
class DynamoEventTypeStore:
    """The `EventTypeStore` port on the table of policies. Looks that are late are no reason to spare the store.

    `looks` have a breaker of their own therefore; `calls` are those that somebody administers by.
    """

    table: str
    calls: BoundedCalls
    looks: BoundedCalls
    audit: DynamoAuditLog

    def in_force(self, within_s: float) -> InForce:
        [item] = self._items([IN_FORCE], within_s)
        return _read(InForce, item, "what is in force") if item else InForce()

    def versions(self, wanted: Sequence[Version], within_s: float) -> list[EventType | None]:
        items = self._items([_key(name, version) for name, version in wanted], within_s)
        return [_read(EventType, item, "an event type") if item else None for item in items]

    def put(self, event_type: EventType, in_force: InForce, entry: AuditEntry) -> None:
        self.calls.one(partial(self._put, event_type, in_force, entry))

    def put_in_force(self, in_force: InForce) -> None:
        self.calls.one(partial(self._put_in_force, in_force))

    def _items(self, keys: "Sequence[Item]", within_s: float) -> "list[Item | None]":
        return read_within(self.looks, self.table, keys, within_s)

    def _put(self, event_type: EventType, in_force: InForce, entry: AuditEntry) -> None:
        version = _item(_key(event_type.name, event_type.version), event_type)
        writes: Any = [
            {"Put": _write(self.table, version, "attribute_not_exists(#name)")},
            {"Put": next_in_force(self.table, in_force)},
            self.audit.put(entry),
        ]
        try:
            client.dynamodb().transact_write_items(TransactItems=writes)
        except ClientError as exc:
            if CONDITION_FAILED not in cancellation_reasons(exc):
                raise
            self._unless_ours(event_type)

    def _put_in_force(self, in_force: InForce) -> None:
        try:
            client.dynamodb().put_item(**next_in_force(self.table, in_force))
        except ClientError as exc:
            if not condition_failed(exc):
                raise
            [stored] = self._items([IN_FORCE], STORE_S)
            if stored is None or stored["body"] != _item(IN_FORCE, in_force)["body"]:
                raise EventTypeConflict(MEANWHILE) from exc

    def _unless_ours(self, event_type: EventType) -> None:
        """A response that was lost is no conflict with oneself."""
        key = _key(event_type.name, event_type.version)
        stored = client.dynamodb().get_item(TableName=self.table, Key=key, ConsistentRead=True).get("Item")
        if stored is None or stored["body"] != _item(key, event_type)["body"]:
            raise EventTypeConflict(MEANWHILE)


def next_in_force(table: str, in_force: InForce) -> dict[str, Any]:
    """The write of what is in force, if nothing else has been put since the revision before it."""
    now = _item(IN_FORCE, in_force) | {"revision": {"N": str(in_force.revision)}}
    before: Item = {":before": {"N": str(in_force.revision - 1)}}
    condition = "attribute_not_exists(#name) OR revision = :before"
    return _write(table, now, condition) | {"ExpressionAttributeValues": before}


def in_force_within(looks: BoundedCalls, table: str, stop_at: float) -> InForce:
    """What is in force, read by `stop_at` (`time.monotonic()` seconds). Raises StoreUnavailable."""
    [item] = read_within(looks, table, [IN_FORCE], stop_at - time.monotonic())
    return _read(InForce, item, "what is in force") if item else InForce()


def read_within(looks: BoundedCalls, table: str, keys: "Sequence[Item]", within_s: float) -> "list[Item | None]":
    """The items under these keys, None where there is none. Raises StoreUnavailable: one was not read in time."""
    store = client.dynamodb()  # made before the clock starts
    reads = [partial(store.get_item, TableName=table, Key=key, ConsistentRead=True) for key in keys]
    found = looks.each(reads, time.monotonic() + within_s)
    for one in found:
        if isinstance(one, StoreUnavailable):
            raise one
    return [one.get("Item") for one in found if not isinstance(one, StoreUnavailable)]


def _write(table: str, item: "Item", condition: str) -> dict[str, Any]:
    names = {"#name": "name"}
    return {"TableName": table, "Item": item, "ConditionExpression": condition, "ExpressionAttributeNames": names}


def _key(name: str, version: int) -> "Item":
    return {"name": {"S": f"event_type#{name}"}, "version": {"N": str(version)}}


def _item(key: "Item", document: BaseModel) -> "Item":
    return {**key, "body": {"S": json_text(document.model_dump())}}


def _read(model: type[Document], item: "Item", what: str) -> Document:
    try:
        return model.model_validate(strict_json.parse(item["body"]["S"].encode()))
    except (ValidationError, Malformed) as exc:  # such as one that a newer release wrote, after a roll-back
        raise StoreUnavailable(f"A stored version of {what} cannot be read by this release") from exc
