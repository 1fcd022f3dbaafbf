"""A transaction on its way through the queue: what was sent, when it was received, in which request."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from fraudshield.errors import Fault, Malformed
from fraudshield.text import strict_json
from fraudshield.text.fault import faults_of
from fraudshield.text.json_text import json_text
from fraudshield.transaction.built_in import Amount, BuiltInTransaction
from fraudshield.transaction.extended import ExtendedTransaction
from fraudshield.transaction.money import Money
from fraudshield.transaction.own import EventTypeVersion, OwnContent, OwnTransaction, as_content
from fraudshield.transaction.transaction import Account, Instant, StoredTransactionId, Transaction

UNKNOWN = "extra_forbidden"  # the code of a fault whose pointer is the sender's own text


@dataclass(frozen=True, slots=True)
class QueuedTransaction:
    """A transaction that was accepted and is still to be scored. `received_at` is the same in each delivery of it."""

    transaction: Transaction
    received_at: datetime
    request_id: str


class OwnMessage(BaseModel):
    """What a transaction of another event type has beside, as it was read: no delivery of it reads it anew."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    event_type: EventTypeVersion
    fields: dict[str, Any]
    slots: dict[str, str] = {}
    shown: dict[str, Any] = {}
    busy: tuple[str, ...] = ()
    money: Money | None = None


class RoleMessage(BaseModel):
    """What the roles of a type name that does not extend the built-in one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    transaction_id: StoredTransactionId
    occurred_at: Instant | None = None
    amount: Amount | None = None
    sender: Account | None = None
    receiver: Account | None = None


class Message(BaseModel):
    """The JSON of a message in the queue: `transaction` is what the built-in type has, else `roles` and `own`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    transaction: BuiltInTransaction | None = None
    roles: RoleMessage | None = None
    own: OwnMessage | None = None
    received_at: Instant
    request_id: Annotated[str, StringConstraints(strict=True, max_length=128)]


BUILT_IN, ROLES = tuple(BuiltInTransaction.model_fields), tuple(RoleMessage.model_fields)


def message(queued: QueuedTransaction) -> str:
    """The JSON of `Message`, money as exact numbers."""
    frame = json.dumps({"received_at": queued.received_at.isoformat(), "request_id": queued.request_id})
    sent = queued.transaction
    if sent.own is not None:
        own = {name: part for name, part in asdict(sent.own).items() if part or name == "fields"}
        frame = f'{{"own":{json_text(own)},{frame[1:]}'
    part, names = ("transaction", BUILT_IN) if isinstance(sent, BuiltInTransaction) else ("roles", ROLES)
    return f'{{"{part}":{{{",".join(_members(sent, names))}}},{frame[1:]}'


def read_message(body: str) -> QueuedTransaction:
    """What `message` was given. Raises Malformed for anything else: coming again cannot help it.

    It says nothing that stands in the message, names of unknown fields included: it is logged.
    """
    try:
        sent = strict_json.parse(body.encode("utf-8", "surrogatepass"))
    except Malformed as exc:
        raise Malformed("A message is not JSON as ingest queues it", code=exc.code) from exc
    try:
        read = Message.model_validate(sent)
    except ValidationError as exc:
        found = ", ".join(f"{_where(fault)} {fault.code}" for fault in faults_of(exc))
        raise Malformed(f"A message holds no transaction as ingest queues it: {found}") from exc
    if not isinstance(sent, dict) or (read.transaction and "transaction_id" not in sent["transaction"]):
        raise Malformed("A message's transaction has no id: each delivery would be another transaction")
    transaction = _transaction(read)
    if transaction is None:
        raise Malformed("A message holds no transaction as ingest queues it: transaction, or roles and own")
    return QueuedTransaction(transaction, read.received_at, read.request_id)


def _transaction(read: Message) -> Transaction | None:
    if read.own is None:
        return read.transaction
    fields, shown = (
        {name: as_content(value) for name, value in part.items()} for part in (read.own.fields, read.own.shown)
    )
    own = OwnContent(read.own.event_type, fields, read.own.slots, shown, read.own.busy, read.own.money)
    if read.transaction is not None:
        return ExtendedTransaction.model_construct(**read.transaction.__dict__, content=own)
    return None if read.roles is None else OwnTransaction(**read.roles.__dict__, own=own)


def _where(fault: Fault) -> str:
    return "somewhere" if fault.code == UNKNOWN else fault.pointer or "/"


def _members(transaction: Transaction, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        if (value := getattr(transaction, name)) is not None:
            yield f"{json.dumps(name)}:{_json(value)}"


def _json(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    return json.dumps(value.isoformat() if isinstance(value, datetime) else value)
