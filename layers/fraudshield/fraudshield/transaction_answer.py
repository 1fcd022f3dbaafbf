"""What is answered about one stored transaction."""

from collections.abc import Sequence

from typing_extensions import TypedDict

from fraudshield.answer import Entry, entry, timestamp
from fraudshield.label import History
from fraudshield.label_answer import LabelEntry, label_answer
from fraudshield.later_prediction import KeptPrediction
from fraudshield.prediction_answer import PredictionEntry, prediction_entry
from fraudshield.stored import Stored


class StoredTransaction(TypedDict):
    """A transaction as it came. `source` is the door by which it was decided, `store` where it was not."""

    transaction_id: str
    step: int
    type: str
    amount: float
    nameOrig: str
    oldbalanceOrg: float
    newbalanceOrig: float
    nameDest: str
    oldbalanceDest: float
    newbalanceDest: float
    occurred_at: str
    received_at: str
    source: str
    decision: str | None


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
    sent = stored.transaction
    return {
        "transaction_id": sent.transaction_id,
        "step": sent.step,
        "type": sent.type,
        "amount": float(sent.amount),
        "nameOrig": sent.nameOrig,
        "oldbalanceOrg": float(sent.oldbalanceOrg),
        "newbalanceOrig": float(sent.newbalanceOrig),
        "nameDest": sent.nameDest,
        "oldbalanceDest": float(sent.oldbalanceDest),
        "newbalanceDest": float(sent.newbalanceDest),
        "occurred_at": timestamp(stored.occurred_at),
        "received_at": timestamp(stored.received_at),
        "source": stored.source,
        "decision": stored.decision.outcome.value if stored.decision else None,
    }
