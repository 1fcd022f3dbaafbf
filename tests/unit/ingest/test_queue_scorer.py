"""Messages of the queue are settled each for itself, and delivering them again changes nothing."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fraudshield.errors import FraudShieldError, Malformed, StoreUnavailable, TransactionConflict
from fraudshield.ingest.queue_scorer import Failed, QueueScorer, SenderErased, Settled, StaysQueued
from fraudshield.scoring.scoring import DecisionResult, Scorer
from fraudshield.transaction.built_in import BuiltInTransaction
from fraudshield.transaction.queued import QueuedTransaction, message
from tests.content import built_in
from tests.fakes import NOW, FakeAccounts, FakeErasures, FakeLedger, FakePolicies, FakePredictor, FakeStore

Make = Callable[..., BuiltInTransaction]
LATER = NOW + timedelta(hours=1)


@dataclass
class World:
    """A queue's scorer, an hour after the messages came."""

    store: FakeStore = field(default_factory=FakeStore)
    erasures: FakeErasures = field(default_factory=FakeErasures)
    ledger: FakeLedger = field(default_factory=FakeLedger)

    def settle(self, *messages: str) -> list[Settled | Failed]:
        scorer = Scorer(FakePredictor(), FakePolicies(), self.store, StaysQueued(), FakeAccounts(), clock=lambda: LATER)
        return QueueScorer(scorer, self.erasures, self.ledger).settle(messages, time.monotonic())


def body(transaction: BuiltInTransaction, received_at: datetime = NOW) -> str:
    return message(QueuedTransaction(transaction, received_at, "a-request"))


def kinds(settled: list[Settled | Failed]) -> list[type]:
    return [type(one) for one in settled]


def test_a_message_is_scored_and_kept_as_of_its_receipt(transaction: Make) -> None:
    world = World()
    [result] = world.settle(body(transaction()))
    kept = world.store.kept["test_123"]
    assert isinstance(result, DecisionResult)
    assert (result.persisted, result.decision) == (True, kept.decision)
    assert (kept.received_at, kept.occurred_at, kept.decision.decided_at) == (NOW, NOW, LATER)


def test_each_message_has_its_own_time_of_receipt(transaction: Make) -> None:
    world, times = World(), [NOW - timedelta(days=1), NOW]
    world.settle(*(body(transaction(transaction_id=f"t{i}"), at) for i, at in enumerate(times)))
    assert [one.received_at for one in world.store.kept.values()] == times


def test_flags_are_those_of_the_time_of_receipt(transaction: Make) -> None:
    ahead = transaction(occurred_at=(NOW + timedelta(minutes=6)).isoformat())
    [result] = World().settle(body(ahead))
    assert isinstance(result, DecisionResult)
    assert result.decision.quality == ("clock_skew",)


def test_delivering_a_message_again_changes_nothing(transaction: Make) -> None:
    world = World()
    [first] = world.settle(body(transaction()))
    kept = dict(world.store.kept)
    assert world.settle(body(transaction()), body(transaction())) == [first, first]
    assert world.store.kept == kept


def test_a_conflict_is_settled_and_noted_once(transaction: Make) -> None:
    world = World()
    first, other = body(transaction()), body(transaction(amount=1))
    assert kinds(world.settle(first, other)) == [DecisionResult, TransactionConflict]
    assert kinds(world.settle(other, other)) == [TransactionConflict, TransactionConflict]
    assert world.store.kept["test_123"].transaction == transaction()
    [refusal] = world.ledger.noted
    assert (refusal.transaction_id, refusal.source, refusal.at) == ("test_123", "queue", NOW)
    assert (refusal.reasons, refusal.fields) == (("id_conflict",), (("/transaction_id", "transaction_conflict"),))


def test_a_conflict_that_cannot_be_noted_comes_again(transaction: Make) -> None:
    world = World()
    world.ledger.down = True
    settled = world.settle(body(transaction()), body(transaction(amount=1)))
    assert kinds(settled) == [DecisionResult, StoreUnavailable]


def test_a_message_that_cannot_be_read_fails_alone(transaction: Make) -> None:
    settled = World().settle("no JSON", body(transaction()), "{}")
    assert kinds(settled) == [Malformed, DecisionResult, Malformed]


def test_what_the_store_does_not_take_fails_alone_and_is_parked_nowhere(transaction: Make) -> None:
    world = World()
    world.store.refused = {"b"}
    settled = world.settle(*(body(transaction(transaction_id=name)) for name in "abc"))
    assert kinds(settled) == [DecisionResult, StoreUnavailable, DecisionResult]
    assert world.store.kept.keys() == {"a", "c"}


def test_what_an_erased_sender_sent_before_is_dropped(transaction: Make) -> None:
    world = World(erasures=FakeErasures(C123456789=NOW))
    settled = world.settle(
        body(transaction(transaction_id="before")),
        body(transaction(transaction_id="after"), NOW + timedelta(microseconds=1)),
        body(transaction(transaction_id="other", nameOrig="C7")),
    )
    assert kinds(settled) == [SenderErased, DecisionResult, DecisionResult]
    assert world.store.kept.keys() == {"after", "other"}


def test_an_erased_recipient_is_kept_under_a_pseudonym(transaction: Make) -> None:
    world = World(erasures=FakeErasures(M987654321=NOW))
    world.settle(body(transaction()))
    assert built_in(world.store.kept["test_123"].transaction).nameDest == "M-erased-somebody"


def test_while_nobody_knows_who_was_erased_nothing_is_stored(transaction: Make) -> None:
    world = World()
    world.erasures.down = True
    settled = world.settle(body(transaction()), "no JSON")
    assert kinds(settled) == [StoreUnavailable, Malformed]
    assert world.store.kept == {}


def test_no_messages_have_no_results() -> None:
    assert World().settle() == []


def test_what_fails_is_an_error_of_ours(transaction: Make) -> None:
    world = World()
    world.store.down = True
    assert all(isinstance(one, FraudShieldError) for one in world.settle("", body(transaction())))
