"""The body of an explaining call: one transaction, or the id of a stored one."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from fraudshield.decision import ScoredTransaction
from fraudshield.errors import Malformed, NotFound
from fraudshield.score_call import read_transaction
from fraudshield.scoring import Scorer
from fraudshield.transaction import Transaction, TransactionId

TRANSACTION_ID: TypeAdapter[str] = TypeAdapter(TransactionId)


class ExplainRequest(BaseModel):
    """One of the two. A transaction that is sent is scored again and not kept; a stored one is read."""

    model_config = ConfigDict(extra="forbid")

    transaction: Transaction | None = None
    transaction_id: Annotated[TransactionId | None, Field(default=None)]


@dataclass(frozen=True, slots=True)
class ExplainCall:
    """What is to be explained."""

    about: Transaction | str

    def find(self, scorer: Scorer) -> ScoredTransaction:
        """The decision to explain. Raises NotFound, StoreUnavailable."""
        if isinstance(self.about, Transaction):
            return scorer.decide([self.about])[0]
        stored = scorer.store.find(self.about)
        if stored is None:
            raise NotFound("No decided transaction is stored under this transaction_id")
        return stored


def explain_call(body: object) -> ExplainCall:
    """`{"transaction": {...}}` or `{"transaction_id": "..."}`.

    Raises:
        Malformed: neither, both, or something else beside them.
        InvalidInput: the transaction has faults.
    """
    if not isinstance(body, dict) or len(body) != 1:
        raise Malformed("Expected an object with either transaction or transaction_id")
    if "transaction" in body:
        return ExplainCall(read_transaction(body["transaction"], "/transaction"))
    try:
        return ExplainCall(TRANSACTION_ID.validate_python(body.get("transaction_id")))
    except ValidationError as exc:
        raise Malformed("Expected transaction, or transaction_id as a text of 1 to 128 characters") from exc
