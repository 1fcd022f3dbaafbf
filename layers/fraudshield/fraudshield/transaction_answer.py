"""What is answered about one stored transaction."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NotRequired

from typing_extensions import TypedDict

from fraudshield.answer import Entry, entry
from fraudshield.field import KINDS, NULLABLE, SHOWN, shown
from fraudshield.label import History
from fraudshield.label_answer import LabelEntry, label_answer
from fraudshield.later_prediction import KeptPrediction
from fraudshield.prediction_answer import PredictionEntry, prediction_entry
from fraudshield.stored import Stored
from fraudshield.timestamp import timestamp

UNSAID = NULLABLE - {"occurred_at"}  # not there where they were not sent; every transaction happened some time


# By name what JSON has of it: all fields of the payment, then what became of it.
SENT = {name: NotRequired[SHOWN[kind]] if name in UNSAID else SHOWN[kind] for name, kind in KINDS.items()}
BECAME = {"received_at": str, "source": str, "decision": str | None}

if TYPE_CHECKING:
    StoredTransaction = dict[str, object]
else:
    StoredTransaction = TypedDict("StoredTransaction", SENT | BECAME)
    StoredTransaction.__doc__ = (
        "A transaction as it came. `source` is the door by which it was decided, `store` where it was not."
    )


class TransactionAnswer(TypedDict):
    """One transaction. `first_decision` is null where there is none; `predictions` are the newest hundred."""

    transaction: StoredTransaction
    first_decision: Entry | None
    predictions: list[PredictionEntry]
    label: LabelEntry | None
    labels: list[LabelEntry]


class StoreAnswer(TypedDict):
    """What storing did; `status` is `success` whether it was new or there already."""

    status: str
    message: str
    transaction_id: str


class AppendAnswer(TypedDict):
    """What keeping a prediction did."""

    status: str
    message: str


def transaction_answer(stored: Stored, predictions: Sequence[KeptPrediction], labels: History) -> TransactionAnswer:
    """The transaction with all that is known about it."""
    labelled = label_answer(stored.transaction.transaction_id, labels)
    return {
        "transaction": _transaction(stored),
        "first_decision": entry(stored.decision, persisted=True) if stored.decision else None,
        "predictions": [prediction_entry(one) for one in predictions],
        "label": labelled["label"],
        "labels": labelled["history"],
    }


def store_answer(transaction_id: str, new: bool) -> StoreAnswer:
    """The answer of a storing call."""
    message = "Stored without a decision" if new else "Stored already, with this content"
    return {"status": "success", "message": message, "transaction_id": transaction_id}


def append_answer(new: bool) -> AppendAnswer:
    """The answer of a call that keeps a prediction."""
    return {"status": "success", "message": "Kept beside the transaction" if new else "Kept already"}


def _transaction(stored: Stored) -> StoredTransaction:
    sent = dict(stored.transaction) | {"occurred_at": stored.occurred_at}
    return {
        **{name: shown(sent[name]) for name in KINDS if sent[name] is not None},
        "received_at": timestamp(stored.received_at),
        "source": stored.source,
        "decision": stored.decision.outcome.value if stored.decision else None,
    }
