"""The body of a scoring call: read strictly, each transaction for itself, so that a bad one fails alone."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fraudshield.errors import Fault, InvalidInput, Malformed, TransactionConflict
from fraudshield.fault import SHOWN, faults_of, kind
from fraudshield.json_object import json_object
from fraudshield.scoring import Answer, Scorer
from fraudshield.transaction import Transaction


class ScoreRequest(BaseModel):
    """A scoring call as it should be. `store: false` scores without keeping."""

    model_config = ConfigDict(extra="forbid")

    transactions: Annotated[list[Transaction], Field(min_length=1, max_length=1000)]
    store: bool = True


@dataclass(frozen=True, slots=True)
class Rejected:
    """A transaction that could not be read, with its id where that at least was readable."""

    transaction_id: str | None
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class ScoreCall:
    """What one call asks for: transactions in the order sent, and whether to keep the decisions."""

    items: tuple[Transaction | Rejected, ...]
    store: bool

    @property
    def transactions(self) -> list[Transaction]:
        """Those that could be read."""
        return [item for item in self.items if isinstance(item, Transaction)]

    def answers(self, scorer: Scorer, arrived: float) -> list[Answer | TransactionConflict]:
        """One for each readable transaction, in order. Raises what `Scorer.score` raises."""
        if self.store:
            return scorer.score(self.transactions, arrived)
        return [Answer(scored.decision, persisted=False) for scored in scorer.decide(self.transactions)]


def score_call(body: object, max_transactions: int) -> ScoreCall:
    """`{"transactions": [...], "store": true}`.

    Raises:
        Malformed: the body as a whole has another shape, or too many transactions.
    """
    sent = json_object(body, "transactions")
    if unknown := sorted(sent.keys() - ScoreRequest.model_fields.keys()):
        raise Malformed(f"Unknown field {unknown[0][:SHOWN]!r}; expected transactions and, if wanted, store")
    store = sent.get("store", True)
    if not isinstance(store, bool):
        raise Malformed(f"store should be true or false, found {kind(store)}")
    return ScoreCall(read_transactions(sent.get("transactions"), max_transactions), store)


def read_transactions(sent: object, max_transactions: int) -> tuple[Transaction | Rejected, ...]:
    """Each for itself, in order. Raises Malformed: it is no list, an empty one, or too long."""
    if not isinstance(sent, list) or not sent:
        raise Malformed(f"transactions should be a list of at least one, found {kind(sent)}")
    if len(sent) > max_transactions:
        raise Malformed(
            f"{len(sent)} transactions in one call, at most {max_transactions} are taken", code="too_many_transactions"
        )
    return tuple(read_or_reject(one, f"/transactions/{i}") for i, one in enumerate(sent))


def read_transaction(sent: object, pointer: str) -> Transaction:
    """One transaction.

    Raises:
        InvalidInput: with a fault per field, each under `pointer`.
    """
    try:
        return Transaction.model_validate(sent)
    except ValidationError as exc:
        raise InvalidInput("The transaction is not valid", faults_of(exc, pointer), code="invalid_transaction") from exc


def read_or_reject(sent: object, pointer: str) -> Transaction | Rejected:
    """One transaction, or what is wrong with it."""
    try:
        return read_transaction(sent, pointer)
    except InvalidInput as exc:
        return Rejected(_readable_id(sent), exc.faults)


def _readable_id(sent: object) -> str | None:
    name = sent.get("transaction_id") if isinstance(sent, dict) else None
    return name if isinstance(name, str) and len(name) <= 128 and name.isprintable() else None
