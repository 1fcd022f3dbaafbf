"""A request to score: each transaction in it is read by itself, a faulty one is refused alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, cast, get_args

from pydantic import BaseModel, ConfigDict, Field, RootModel

from fraudshield.errors import Fault, InvalidInput, Malformed, QueueUnavailable, TransactionConflict
from fraudshield.event_type.payment import NAME
from fraudshield.event_type.port import EventTypes
from fraudshield.policy.owner import PAYMENT, owners
from fraudshield.scoring.scoring import DecisionResult, Scorer
from fraudshield.scoring.trial import AskedOutcome, as_asked
from fraudshield.text.fault import SHOWN, json_object, kind
from fraudshield.transaction.built_in import BuiltInTransaction
from fraudshield.transaction.parser import read_transaction
from fraudshield.transaction.queued import QueuedTransaction
from fraudshield.transaction.reader import EVENT_TYPE, EventTypeName, Read, reader_of
from fraudshield.transaction.refusal import Refusal
from fraudshield.transaction.transaction import Transaction


class ScorePaymentsRequest(BaseModel):
    """Transactions of the built-in type. `store: false` scores without keeping the decisions."""

    model_config = ConfigDict(extra="forbid")

    transactions: Annotated[list[BuiltInTransaction], Field(min_length=1, max_length=1000)]
    store: bool = True


class ScoreTypedRequest(BaseModel):
    """Transactions of the event type that it names, each as its document says."""

    model_config = ConfigDict(extra="forbid")

    event_type: EventTypeName
    transactions: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=1000)]
    store: bool = True


class ScorePaymentsTrialRequest(BaseModel):
    """Transactions whose answer is asked for by name, to try a client against it; none of them is kept or counted."""

    model_config = ConfigDict(extra="forbid")

    transactions: Annotated[list[BuiltInTransaction], Field(min_length=1, max_length=1000)]
    store: Literal[False]
    test_outcome: AskedOutcome


class ScoreTypedTrialRequest(BaseModel):
    """A trial with transactions of the event type that it names."""

    model_config = ConfigDict(extra="forbid")

    event_type: EventTypeName
    transactions: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=1000)]
    store: Literal[False]
    test_outcome: AskedOutcome


class ScoreRequest(
    RootModel[ScorePaymentsRequest | ScoreTypedRequest | ScorePaymentsTrialRequest | ScoreTypedTrialRequest]
):
    """The body of a request to score; one event type a call."""


PARTS = frozenset({EVENT_TYPE, "transactions", "store", "test_outcome"})

ASKED = get_args(AskedOutcome)


@dataclass(frozen=True, slots=True)
class Rejected:
    """A transaction that could not be read, with its id where that at least was readable."""

    transaction_id: str | None
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class ScoreCommand:
    """What one request asks for: transactions in the order sent, and whether to keep the decisions.

    `test_outcome` is the answer that it wants to see, whatever would be decided.
    """

    items: tuple[Transaction | Rejected, ...]
    store: bool
    test_outcome: AskedOutcome | None = None

    @property
    def transactions(self) -> list[Transaction]:
        """The transactions that could be read."""
        return [item for item in self.items if not isinstance(item, Rejected)]

    def results(self, scorer: Scorer, arrived: float) -> list[DecisionResult | TransactionConflict]:
        """A result for each readable transaction, in order. Raises what `Scorer.score` raises."""
        if self.store:
            return scorer.score(self.transactions, arrived)
        if self.test_outcome is not None:
            decisions = as_asked(scorer, self.transactions, self.test_outcome)
            return [DecisionResult(decision, persisted=False, test=True) for decision in decisions]
        return [DecisionResult(scored.decision, persisted=False) for scored in scorer.decide(self.transactions)]

    def model_version(self, scorer: Scorer) -> str:
        """The model of the call's event type; payment's where that has none, as it was before types had their own."""
        asked = owners(self.transactions[0]) if self.transactions else PAYMENT
        return scorer.predictors.of(asked).facts.model_version or scorer.predictors.of(PAYMENT).facts.model_version

    def refused(self, results: Sequence[DecisionResult | TransactionConflict]) -> Mapping[int, Rejected]:
        """What was refused, by index, as the quality report counts it: nothing of a test."""
        return {} if self.test_outcome is not None else rejected(self.items, results)


def read_score_request(body: object, max_transactions: int, types: EventTypes) -> ScoreCommand:
    """`{"event_type": "payment", "transactions": [...], "store": true}`.

    Raises:
        Malformed: the body as a whole has another shape, or too many transactions.
        UnknownEventType, StoreUnavailable, InvalidInput: as `reader_of`.
    """
    sent = json_object(body, "transactions")
    if unknown := sorted(sent.keys() - PARTS):
        raise Malformed(
            f"Unknown field {unknown[0][:SHOWN]!r}; "
            "expected transactions and, if wanted, event_type, store and test_outcome"
        )
    store = sent.get("store", True)
    if not isinstance(store, bool):
        raise Malformed(f"store should be true or false, found {kind(store)}")
    asked = _asked_outcome(sent["test_outcome"], store) if "test_outcome" in sent else None
    reader = reader_of(sent.get(EVENT_TYPE, NAME), types)
    return ScoreCommand(read_transactions(sent.get("transactions"), max_transactions, reader), store, asked)


def _asked_outcome(asked: object, store: bool) -> AskedOutcome:
    if asked not in ASKED:
        found = repr(asked[:SHOWN]) if isinstance(asked, str) and asked else kind(asked)
        raise Malformed(f"test_outcome should be {', '.join(ASKED[:-1])} or {ASKED[-1]}, found {found}")
    if store:
        raise Malformed("test_outcome needs store: false beside it, since an answer that was asked for is never kept")
    return cast(AskedOutcome, asked)


def read_transactions(
    sent: object, max_transactions: int, read: Read = read_transaction
) -> tuple[Transaction | Rejected, ...]:
    """Each transaction by itself, in order. Raises Malformed: it is no list, an empty one, or too long."""
    if not isinstance(sent, list) or not sent:
        raise Malformed(f"transactions should be a list of at least one, found {kind(sent)}")
    if len(sent) > max_transactions:
        raise Malformed(
            f"{len(sent)} transactions in one call, at most {max_transactions} are taken", code="too_many_transactions"
        )
    return tuple(read_or_reject(one, f"/transactions/{i}", read) for i, one in enumerate(sent))


def read_or_reject(sent: object, pointer: str, read: Read = read_transaction) -> Transaction | Rejected:
    """One transaction, or what is wrong with it."""
    try:
        return read(sent, pointer)
    except InvalidInput as exc:
        return Rejected(_readable_id(sent), exc.faults)


def refusals(rejected: Mapping[int, Rejected], source: str, at: datetime, request_id: str) -> list[Refusal]:
    """The refusals of one request. What only could not be queued is not the data's fault, and left out."""
    return [
        Refusal(f"{request_id}#{index}", source, at, one.transaction_id, one.faults)
        for index, one in rejected.items()
        if one.faults[0].code != QueueUnavailable.code
    ]


def conflict(queued: QueuedTransaction, source: str, error: TransactionConflict) -> Refusal:
    """The refusal of a message whose id was taken by another content. Each delivery of it makes the same one."""
    name = queued.transaction.transaction_id
    fault = Fault("/transaction_id", str(error), error.code)
    return Refusal(f"{queued.request_id}#{name}", source, queued.received_at, name, (fault,))


def rejected(
    items: Sequence[Transaction | Rejected], results: Sequence[DecisionResult | TransactionConflict]
) -> dict[int, Rejected]:
    """The rejected items of a request, by index; `results` belong to the readable ones, in order."""
    return dict(_rejected(items, results))


def _rejected(
    items: Sequence[Transaction | Rejected], results: Sequence[DecisionResult | TransactionConflict]
) -> Iterator[tuple[int, Rejected]]:
    remaining = iter(results)
    for index, item in enumerate(items):
        result = item if isinstance(item, Rejected) else next(remaining)
        if isinstance(result, Rejected):
            yield index, result
        elif isinstance(result, TransactionConflict):
            yield index, Rejected(item.transaction_id, (Fault("/transaction_id", str(result), result.code),))


def _readable_id(sent: object) -> str | None:
    name = sent.get("transaction_id") if isinstance(sent, dict) else None
    return name if isinstance(name, str) and len(name) <= 128 and name.isprintable() else None
