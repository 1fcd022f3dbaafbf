"""The request that sends transactions to be queued: each is read by itself and queued, or refused with a reason."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, RootModel

from fraudshield.budget import QUEUE_S, WRITES_STOP_S
from fraudshield.errors import Fault, Malformed, QueueUnavailable, TransactionConflict
from fraudshield.event_type.payment import NAME
from fraudshield.event_type.port import EventTypes
from fraudshield.ingest.port import IngestQueue
from fraudshield.rate.port import RateSource
from fraudshield.rate.rate import NO_RATES
from fraudshield.scoring.request import Rejected, read_or_reject, read_transactions
from fraudshield.text.fault import SHOWN, json_object
from fraudshield.transaction.built_in import BuiltInTransaction
from fraudshield.transaction.pricing import needs_rates, priced
from fraudshield.transaction.queued import QueuedTransaction
from fraudshield.transaction.reader import EVENT_TYPE, EventTypeName, reader_of
from fraudshield.transaction.transaction import Transaction


class IngestOneRequest(BaseModel):
    """One transaction."""

    model_config = ConfigDict(extra="forbid")

    transaction: BuiltInTransaction


class IngestTypedRequest(BaseModel):
    """One transaction of the event type that it names."""

    model_config = ConfigDict(extra="forbid")

    event_type: EventTypeName
    transaction: dict[str, Any]


class IngestManyTypedRequest(BaseModel):
    """A list of transactions of the event type that it names."""

    model_config = ConfigDict(extra="forbid")

    event_type: EventTypeName
    transactions: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=1000)]


class IngestManyRequest(BaseModel):
    """A list of transactions."""

    model_config = ConfigDict(extra="forbid")

    transactions: Annotated[list[BuiltInTransaction], Field(min_length=1, max_length=1000)]


class IngestRequest(RootModel[IngestOneRequest | IngestManyRequest | IngestTypedRequest | IngestManyTypedRequest]):
    """One transaction, or a list of them; not both. One event type a call."""


@dataclass(frozen=True, slots=True)
class IngestOutcome:
    """The outcome of a request. `refused` are by their position; `repeated` are ids that it held more than once."""

    queued: tuple[QueuedTransaction, ...]
    refused: dict[int, Rejected]
    repeated: frozenset[str]


@dataclass(frozen=True, slots=True)
class IngestCommand:
    """A read request: its items in the order sent; `single` where it is one transaction and no list."""

    items: tuple[Transaction | Rejected, ...]
    single: bool = False

    @property
    def queue_s(self) -> float:
        """How long queueing may take, counted from when the request came."""
        return WRITES_STOP_S if len(self.items) > 1 else QUEUE_S

    def priced(self, rates: RateSource, received_at: datetime) -> "IngestCommand":
        """The same with what its money is by the rates of now, for its quality; it is decided by those of then."""
        known = rates.current().rates if any(_needs_rates(one) for one in self.items) else NO_RATES
        items = [
            one if isinstance(one, Rejected) else priced(one, one.occurred_at or received_at, lambda: known)
            for one in self.items
        ]
        return replace(self, items=tuple(items))

    def put(self, queue: IngestQueue, received_at: datetime, request_id: str, give_up_at: float) -> IngestOutcome:
        """Queues the transactions that can be read, each id once.

        Raises:
            QueueUnavailable: no transaction could be queued; the client sends all again.
        """
        items = _each_id_once(self.items)
        sent = {
            i: QueuedTransaction(one, received_at, request_id)
            for i, one in enumerate(items)
            if not isinstance(one, Rejected | Repeat)
        }
        taken = dict(zip(sent, queue.send([*sent.values()], give_up_at), strict=True))
        if sent and not any(taken.values()):
            raise QueueUnavailable(f"{len(sent)} transactions could not be queued; send them again")
        refused = {i: one for i, one in enumerate(items) if isinstance(one, Rejected)}
        refused |= {i: _unqueued(i, sent[i].transaction) for i, there in taken.items() if not there}
        return IngestOutcome(
            queued=tuple(one for i, one in sent.items() if taken[i]),
            refused=dict(sorted(refused.items())),
            repeated=frozenset(one.transaction_id for one in items if isinstance(one, Repeat)),
        )


def _needs_rates(item: Transaction | Rejected) -> bool:
    return not isinstance(item, Rejected) and needs_rates(item)


@dataclass(frozen=True, slots=True)
class Repeat:
    """The same transaction once more in one request."""

    transaction_id: str


def read_ingest_request(body: object, max_transactions: int, types: EventTypes) -> IngestCommand:
    """Reads `{"transaction": {...}}` or `{"transactions": [...]}`, with `event_type` where it is not `payment`.

    Raises:
        Malformed: the body as a whole has another shape, or too many transactions.
        UnknownEventType, StoreUnavailable, InvalidInput: as `reader_of`.
    """
    sent = json_object(body, "transaction or transactions")
    if unknown := sorted(sent.keys() - {EVENT_TYPE, "transaction", "transactions"}):
        raise Malformed(f"Unknown field {unknown[0][:SHOWN]!r}; expected transaction or transactions")
    if len(sent.keys() - {EVENT_TYPE}) != 1:
        raise Malformed("Expected either transaction or transactions")
    read = reader_of(sent.get(EVENT_TYPE, NAME), types)
    if "transaction" in sent:
        return IngestCommand((read_or_reject(sent["transaction"], "/transaction", read),), single=True)
    return IngestCommand(read_transactions(sent["transactions"], max_transactions, read))


def _each_id_once(items: Sequence[Transaction | Rejected]) -> list[Transaction | Rejected | Repeat]:
    """Keeps the first of each id; a later item of the same id is a repeat, or is refused for its other content."""
    first: dict[str, Transaction] = {}
    return [item if isinstance(item, Rejected) else _after(first, i, item) for i, item in enumerate(items)]


def _after(first: dict[str, Transaction], index: int, item: Transaction) -> Transaction | Rejected | Repeat:
    known = first.setdefault(item.transaction_id, item)
    if known is item:
        return item
    if known == item:
        return Repeat(item.transaction_id)
    fault = Fault(_id_at(index), "This request holds another content under the same id", TransactionConflict.code)
    return Rejected(item.transaction_id, (fault,))


def _unqueued(index: int, transaction: Transaction) -> Rejected:
    fault = Fault(_id_at(index), "It could not be queued; send it again, under this id", QueueUnavailable.code)
    return Rejected(transaction.transaction_id, (fault,))


def _id_at(index: int) -> str:
    return f"/transactions/{index}/transaction_id"
