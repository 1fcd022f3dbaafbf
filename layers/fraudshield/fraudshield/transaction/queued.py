"""A transaction on its way through the queue: what was sent, when it was received, in which request."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from fraudshield.errors import Fault, Malformed
from fraudshield.text import strict_json
from fraudshield.text.fault import faults_of
from fraudshield.text.json_text import json_text
from fraudshield.transaction.own import EventTypeVersion, OwnContent, TypedTransaction, as_content
from fraudshield.transaction.transaction import Instant, Transaction

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


class Message(BaseModel):
    """The JSON of a message in the queue."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    transaction: Transaction
    own: OwnMessage | None = None
    received_at: Instant
    request_id: Annotated[str, StringConstraints(strict=True, max_length=128)]


def message(queued: QueuedTransaction) -> str:
    """The JSON of `Message`, money as exact numbers."""
    frame = json.dumps({"received_at": queued.received_at.isoformat(), "request_id": queued.request_id})
    if isinstance(queued.transaction, TypedTransaction):
        own = {name: part for name, part in asdict(queued.transaction.own).items() if part or name == "fields"}
        frame = f'{{"own":{json_text(own)},{frame[1:]}'
    return f'{{"transaction":{{{",".join(_members(queued.transaction))}}},{frame[1:]}'


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
    if not isinstance(sent, dict) or "transaction_id" not in sent["transaction"]:
        raise Malformed("A message's transaction has no id: each delivery would be another transaction")
    return QueuedTransaction(_with_own(read), read.received_at, read.request_id)


def _with_own(read: Message) -> Transaction:
    if read.own is None:
        return read.transaction
    fields, shown = (
        {name: as_content(value) for name, value in part.items()} for part in (read.own.fields, read.own.shown)
    )
    own = OwnContent(read.own.event_type, fields, read.own.slots, shown)
    return TypedTransaction.model_construct(**read.transaction.__dict__, own=own)


def _where(fault: Fault) -> str:
    return "somewhere" if fault.code == UNKNOWN else fault.pointer or "/"


def _members(transaction: Transaction) -> Iterator[str]:
    for name, value in transaction:
        if value is not None and name in Transaction.model_fields:
            yield f"{json.dumps(name)}:{_json(value)}"


def _json(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    return json.dumps(value.isoformat() if isinstance(value, datetime) else value)
