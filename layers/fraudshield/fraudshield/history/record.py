"""A stored transaction: the request that stores it, and the response that shows it with what is beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, NotRequired, get_args
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, RootModel
from typing_extensions import TypedDict

from fraudshield.event_type.payment import NAME
from fraudshield.event_type.port import EventTypes
from fraudshield.history.prediction import KeptPrediction, PredictionEntry, prediction_entry
from fraudshield.label.label import History, Label
from fraudshield.label.response import LabelEntry, label_response
from fraudshield.policy.policy import OutcomeName
from fraudshield.scoring.decision import Decision
from fraudshield.scoring.response import Entry, entry
from fraudshield.text.fault import json_object
from fraudshield.text.schema import Moment, one_of
from fraudshield.text.timestamp import timestamp
from fraudshield.transaction.built_in import BuiltInTransaction
from fraudshield.transaction.field import KINDS, NULLABLE, SHOWN, shown
from fraudshield.transaction.own import shown_version
from fraudshield.transaction.reader import EVENT_TYPE, EventTypeName, reader_of
from fraudshield.transaction.source import Source
from fraudshield.transaction.transaction import Transaction


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A transaction as it is stored. `source` is how it was sent to be decided; `store` where it was not decided."""

    transaction: Transaction
    occurred_at: datetime
    received_at: datetime
    source: str
    decision: Decision | None
    label: Label | None
    facts: Mapping[str, object] = field(default_factory=dict)
    job: str | None = None
    verdict: str | None = None  # of its review, where one stands


class StorePaymentRequest(BaseModel):
    """A transaction of the built-in type to keep; older clients send it bare."""

    model_config = ConfigDict(extra="forbid")

    transaction: BuiltInTransaction


class StoreTypedRequest(BaseModel):
    """A transaction to keep, of the event type that it names."""

    model_config = ConfigDict(extra="forbid")

    event_type: EventTypeName
    transaction: dict[str, Any]


class StoreRequest(RootModel[StorePaymentRequest | StoreTypedRequest]):
    """A transaction to keep without a decision."""


WRAPPED = ({"transaction"}, {"transaction", EVENT_TYPE})


def read_store_request(body: object, types: EventTypes) -> Transaction:
    """Reads the transaction to store: `{"event_type": "payment", "transaction": {...}}`, or the bare object.

    Raises:
        Malformed: not an object.
        UnknownEventType, StoreUnavailable: as `reader_of`.
        InvalidInput: with a fault per field; or payments of this type are not taken.
    """
    sent = json_object(body, "a transaction")
    if sent.keys() not in WRAPPED:
        return reader_of(NAME, types)(sent, "")
    return reader_of(sent.get(EVENT_TYPE, NAME), types)(sent["transaction"], "/transaction")


COMMON = ("transaction_id", "amount", "occurred_at")  # what every type has, under these names
UNSENT = NULLABLE - {"occurred_at"}  # missing where they were not sent; every transaction has a time
# By name what JSON has of it: all fields of the payment, then what became of it.
SENT = {name: NotRequired[SHOWN[kind]] if name in UNSENT else SHOWN[kind] for name, kind in KINDS.items()}
OWN = {"event_type": NotRequired[str], "event_type_version": NotRequired[int], "event_type_digest": NotRequired[str]}
BECAME = {"received_at": Moment, "source": Annotated[str, one_of(*get_args(Source))], "decision": OutcomeName | None}


if TYPE_CHECKING:
    StoredTransaction = dict[str, object]
else:
    StoredTransaction = TypedDict("StoredTransaction", SENT | OWN | BECAME)
    StoredTransaction.__doc__ = (
        "A transaction as it was sent, with its event type's fields beside the others. `source` is how it was sent to "
        "be decided; `store` where it was not decided."
    )


class TransactionLinks(TypedDict):
    """Where more is to be read, relative to this answer's own address; null where there is nothing of the kind."""

    self: str
    account: str | None
    job: str | None
    policy: str | None
    mails: str
    timeline: str


class TransactionResponse(TypedDict):
    """One transaction. `first_decision` is null where there is none; `predictions` are the newest hundred."""

    transaction: StoredTransaction
    first_decision: Entry | None
    predictions: list[PredictionEntry]
    label: LabelEntry | None
    labels: list[LabelEntry]
    links: TransactionLinks


class StoreResponse(TypedDict):
    """What storing did; `status` is `success` whether it was new or there already."""

    status: Annotated[str, one_of("success")]
    message: str
    transaction_id: str


class AppendResponse(TypedDict):
    """What keeping a prediction did."""

    status: Annotated[str, one_of("success")]
    message: str


def transaction_response(
    stored: StoredRecord, predictions: Sequence[KeptPrediction], labels: History
) -> TransactionResponse:
    """The transaction with all that is known about it."""
    labelled = label_response(stored.transaction.transaction_id, labels)
    return {
        "transaction": stored_transaction(stored),
        "first_decision": entry(stored.decision, persisted=True) if stored.decision else None,
        "predictions": [prediction_entry(one) for one in predictions],
        "label": labelled["label"],
        "labels": labelled["history"],
        "links": _links(stored),
    }


def store_response(transaction_id: str, new: bool) -> StoreResponse:
    """The response to a request that stores a transaction."""
    message = "Stored without a decision" if new else "Stored already, with this content"
    return {"status": "success", "message": message, "transaction_id": transaction_id}


def append_response(new: bool) -> AppendResponse:
    """The response to a request that stores a prediction."""
    return {"status": "success", "message": "Kept beside the transaction" if new else "Kept already"}


def _links(stored: StoredRecord) -> TransactionLinks:
    name, sender = quote(stored.transaction.transaction_id, safe=""), stored.transaction.sender
    return {
        "self": name,
        "account": None if sender is None else f"../accounts/{quote(sender, safe='')}",
        "job": None if stored.job is None else f"../../batch/jobs/{stored.job}",
        "policy": None if stored.decision is None else _policy_link(stored, stored.decision),
        "mails": "../../notifications/history",
        "timeline": f"{name}/timeline",
    }


def _policy_link(stored: StoredRecord, decision: Decision) -> str:
    """To the version that decided."""
    own = stored.transaction.own
    query = f"?event_type={own.event_type.name}" if own else ""
    return f"../../policy/versions/{decision.policy_version}{query}"


def stored_transaction(stored: StoredRecord) -> StoredTransaction:
    """The transaction as answers show it."""
    sent, own = stored.transaction, stored.transaction.own
    held = {name: sent.values.get(name) for name in (KINDS if isinstance(sent, BuiltInTransaction) else COMMON)}
    held["occurred_at"] = stored.occurred_at
    return {
        **stored.facts,
        **({**own.fields, **shown_version(own.event_type)} if own else {}),
        **{name: shown(value) for name, value in held.items() if value is not None},
        **(own.money.amount.shown if own and own.money else {}),
        "received_at": timestamp(stored.received_at),
        "source": stored.source,
        "decision": stored.decision.outcome.value if stored.decision else None,
    }
