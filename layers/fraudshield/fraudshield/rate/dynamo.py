"""Versions of the rates in DynamoDB, beside those of the policy and of event types; each is packed."""

import time
import zlib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from pydantic import ValidationError

from fraudshield.audit.audit import AuditEntry
from fraudshield.audit.dynamo import DynamoAuditLog
from fraudshield.aws import client
from fraudshield.budget import STORE_S
from fraudshield.dynamo.call import BoundedCalls, PendingCalls
from fraudshield.dynamo.write import CONDITION_FAILED, CONFLICT, cancellation_reasons
from fraudshield.errors import RatesConflict, StoreUnavailable
from fraudshield.event_type.dynamo import next_in_force
from fraudshield.event_type.in_force import InForce
from fraudshield.rate.rate import Rates

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

MEANWHILE = "Other rates or another event type were stored meanwhile; send yours again"


@dataclass(frozen=True, slots=True)
class DynamoPendingRates:
    """Implements the `PendingRates` port: one call that goes on by itself."""

    call: PendingCalls[Rates | None]

    def ended(self, within_s: float) -> bool:
        return self.call.ended(within_s)

    def result(self) -> Rates | None:
        [found] = self.call.results()
        if isinstance(found, StoreUnavailable):
            raise found
        return found


@dataclass(frozen=True, slots=True)
class DynamoRateStore:
    """The `RateStore` port on the table of policies. Looks that are late are no reason to spare the store.

    `looks` have a breaker of their own therefore; `calls` are those that somebody administers by.
    """

    table: str
    calls: BoundedCalls
    looks: BoundedCalls
    audit: DynamoAuditLog

    def begin(self, number: int) -> DynamoPendingRates:
        client.dynamodb()  # made before the clock starts
        return DynamoPendingRates(self.looks.begin([partial(self._version, number)], time.monotonic() + STORE_S))

    def _version(self, number: int) -> Rates | None:
        item = client.dynamodb().get_item(TableName=self.table, Key=_key(number), ConsistentRead=True).get("Item")
        return None if item is None else _read(item)

    def put(self, rates: Rates, in_force: InForce, entry: AuditEntry) -> None:
        self.calls.one(partial(self._put, rates, in_force, entry))

    def _put(self, rates: Rates, in_force: InForce, entry: AuditEntry) -> None:
        item: Item = {**_key(rates.version), "body": {"B": zlib.compress(rates.model_dump_json().encode(), 9)}}
        new = {"ConditionExpression": "attribute_not_exists(#name)", "ExpressionAttributeNames": {"#name": "name"}}
        writes: Any = [
            {"Put": {"TableName": self.table, "Item": item, **new}},
            {"Put": next_in_force(self.table, in_force)},
            self.audit.put(entry),
        ]
        try:
            client.dynamodb().transact_write_items(TransactItems=writes)
        except ClientError as exc:
            if not {CONDITION_FAILED, CONFLICT} & {*cancellation_reasons(exc)}:
                raise
            self._unless_ours(rates)

    def _unless_ours(self, rates: Rates) -> None:
        """A response that was lost is no conflict with oneself."""
        key = _key(rates.version)
        stored = client.dynamodb().get_item(TableName=self.table, Key=key, ConsistentRead=True).get("Item")
        if stored is None or _read(stored) != rates:
            raise RatesConflict(MEANWHILE)


def _key(version: int) -> "Item":
    return {"name": {"S": "rates"}, "version": {"N": str(version)}}


def _read(item: "Item") -> Rates:
    try:
        return Rates.model_validate_json(zlib.decompress(bytes(item["body"]["B"])))
    except (ValidationError, KeyError, zlib.error) as exc:  # such as one that a newer release wrote, after a roll-back
        raise StoreUnavailable("A stored version of the rates cannot be read by this release") from exc
