"""The one path, with fakes behind its ports: what is kept, what is parked, what is explained."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from fraudshield.aggregate.value import NOT_READ, exactly
from fraudshield.errors import NotPersisted, TransactionConflict
from fraudshield.policy.clause import Clause
from fraudshield.policy.policy import Outcome, Policy, Thresholds, first_policy
from fraudshield.policy.rule import Rule
from fraudshield.policy.velocity import Movement
from fraudshield.scoring.decision import Decision
from fraudshield.scoring.scoring import EXPLAINED_AT_ONCE, DecisionResult, Scorer
from fraudshield.transaction.built_in import BuiltInTransaction
from tests.aggregates.fakes import FakeAggregates
from tests.aggregates.shop import shop_transaction
from tests.fakes import NOW, FakeAccounts, FakeParking, FakePolicies, FakePredictor, FakeStore

Make = Callable[..., BuiltInTransaction]


@dataclass
class World:
    """A scorer and everything around it."""

    predictor: FakePredictor = field(default_factory=FakePredictor)
    policies: FakePolicies = field(default_factory=FakePolicies)
    store: FakeStore = field(default_factory=FakeStore)
    parking: FakeParking = field(default_factory=FakeParking)
    accounts: FakeAccounts = field(default_factory=FakeAccounts)

    @property
    def scorer(self) -> Scorer:
        return Scorer(self.predictor, self.policies, self.store, self.parking, self.accounts, clock=lambda: NOW)

    def score(self, *transactions: BuiltInTransaction) -> list[DecisionResult | TransactionConflict]:
        return self.scorer.score(transactions, time.monotonic())

    def decided(self, *transactions: BuiltInTransaction) -> list[Decision]:
        return [scored.decision for scored in self.scorer.decide(transactions)]


def by_amount(transaction: BuiltInTransaction) -> float:
    """The amount, in ten-thousandths, is the risk."""
    return float(transaction.amount) / 10_000


def many(make: Make, count: int) -> list[BuiltInTransaction]:
    """Amounts 1 to `count`, not in order of risk."""
    return [make(transaction_id=f"t{i}", amount=1 + (7 * i) % count) for i in range(count)]


def test_a_decision_is_kept_and_answered(transaction: Make) -> None:
    world = World()
    [answer] = world.score(transaction())
    assert isinstance(answer, DecisionResult)
    assert (answer.persisted, answer.parked) == (True, False)
    assert world.store.kept["test_123"].decision == answer.decision


def test_answers_come_in_the_order_sent(transaction: Make) -> None:
    names = [f"t{i}" for i in range(50)]
    responses = World().score(*(transaction(transaction_id=name) for name in names))
    assert [one.decision.transaction_id for one in responses if isinstance(one, DecisionResult)] == names


def test_a_repeated_transaction_returns_its_first_decision(transaction: Make) -> None:
    world = World(FakePredictor(0.1))
    [first] = world.score(transaction())
    world.predictor = FakePredictor(0.95)
    assert world.score(transaction()) == [first]


def test_another_content_under_a_known_id_is_a_conflict(transaction: Make) -> None:
    world = World()
    world.score(transaction())
    [conflict] = world.score(transaction(amount=1))
    assert isinstance(conflict, TransactionConflict)


def test_what_repeats_inside_one_call_is_kept_once(transaction: Make) -> None:
    world = World()
    first, again, other = world.score(transaction(), transaction(), transaction(amount=1))
    assert first == again
    assert isinstance(other, TransactionConflict)
    assert len(world.store.kept) == 1


def test_what_the_store_refuses_is_parked_and_the_rest_is_not(transaction: Make) -> None:
    world = World()
    world.store.refused = {"b"}
    responses = world.score(*(transaction(transaction_id=name) for name in "abc"))
    assert [one.persisted for one in responses if isinstance(one, DecisionResult)] == [True, False, True]
    assert [one.parked for one in responses if isinstance(one, DecisionResult)] == [False, True, False]
    assert [one.transaction.transaction_id for one in world.parking.parked] == ["b"]


def test_the_parked_record_is_what_was_answered(transaction: Make) -> None:
    world = World(FakePredictor(0.6))
    world.store.down = True
    [answer] = world.score(transaction())
    assert isinstance(answer, DecisionResult)
    assert world.parking.parked[0].decision == answer.decision


def test_nothing_is_parked_when_all_is_stored(transaction: Make) -> None:
    world = World()
    world.parking.down = True
    [answer] = world.score(transaction())
    assert isinstance(answer, DecisionResult)
    assert answer.persisted


def test_a_decision_that_can_be_neither_stored_nor_parked_is_not_answered(transaction: Make) -> None:
    world = World()
    world.store.refused = {"b"}
    world.parking.down = True
    with pytest.raises(NotPersisted, match=r"^1 decisions"):
        world.score(*(transaction(transaction_id=name) for name in "abc"))
    assert set(world.store.kept) == {"a", "c"}


def test_no_transactions_have_no_answers() -> None:
    assert World().score() == []


def test_deciding_keeps_nothing(transaction: Make) -> None:
    world = World()
    world.decided(transaction())
    assert (world.store.kept, world.parking.parked) == ({}, [])


def test_an_approved_transaction_is_not_explained(transaction: Make) -> None:
    world = World(FakePredictor(0.1))
    [decision] = world.decided(transaction())
    assert (decision.outcome, decision.reasons, decision.reasons_pending) == (Outcome.APPROVE, (), False)
    assert world.predictor.explained == []


def test_a_flagged_transaction_is_explained_after_its_conditions(transaction: Make) -> None:
    always = Rule(code="every_one", outcome=Outcome.REVIEW, when=(Clause(field="amount", at_least=Decimal(0)),))
    policy = Policy(version=2, thresholds=Thresholds(review=0.5, block=0.9), rules=(always,))
    [decision] = World(policies=FakePolicies(policy)).decided(transaction())
    assert [reason.code for reason in decision.reasons] == ["every_one", "fake_reason"]


@pytest.mark.parametrize("flagged", [EXPLAINED_AT_ONCE - 1, EXPLAINED_AT_ONCE, EXPLAINED_AT_ONCE + 1, 100])
def test_the_riskiest_are_explained_at_once_and_the_others_say_so(transaction: Make, flagged: int) -> None:
    policy = Policy(version=1, thresholds=Thresholds(review=0.0001, block=1))
    world = World(FakePredictor(risk_of=by_amount), FakePolicies(policy))
    decisions = sorted(world.decided(*many(transaction, flagged)), key=lambda one: -(one.risk or 0))
    explained, pending = decisions[:EXPLAINED_AT_ONCE], decisions[EXPLAINED_AT_ONCE:]
    assert world.predictor.explained == [one.transaction_id for one in explained]
    assert all(one.reasons and not one.reasons_pending for one in explained)
    assert all(one.reasons_pending and not one.reasons for one in pending)


def test_of_equal_risks_the_first_sent_are_explained(transaction: Make) -> None:
    world = World(FakePredictor(0.95))
    world.decided(*many(transaction, EXPLAINED_AT_ONCE + 5))
    assert world.predictor.explained == [f"t{i}" for i in range(EXPLAINED_AT_ONCE)]


def test_what_was_missing_is_said_in_the_decision(transaction: Make) -> None:
    world = World(policies=FakePolicies(first_policy(), degraded=("policy_unread",)))
    world.predictor.degraded = ("model_refused",)
    [decision] = world.decided(transaction())
    assert decision.degraded == ("model_refused", "policy_unread")


@pytest.mark.parametrize(
    ("sent", "occurred"),
    [(None, NOW), ("2026-11-23T10:00:00Z", datetime.fromisoformat("2026-11-23T10:00:00+00:00"))],
)
def test_a_transaction_occurred_when_it_says_or_when_it_came(
    transaction: Make, sent: str | None, occurred: datetime
) -> None:
    [scored] = World().scorer.decide([transaction(occurred_at=sent) if sent else transaction()])
    assert (scored.occurred_at, scored.received_at) == (occurred, NOW)


def test_a_clock_that_runs_ahead_is_flagged_and_scored(transaction: Make) -> None:
    [decision] = World().decided(transaction(occurred_at="2026-11-24T10:05:01Z"))
    assert decision.quality == ("clock_skew",)


def test_the_real_clock_is_the_present_and_utc(transaction: Make) -> None:
    scorer = Scorer(FakePredictor(), FakePolicies(), FakeStore(), FakeParking(), FakeAccounts())
    before = datetime.now(NOW.tzinfo)
    [scored] = scorer.decide([transaction()])
    assert before <= scored.decision.decided_at <= datetime.now(NOW.tzinfo)


BURST = Rule(code="origin_burst", outcome=Outcome.REVIEW, when=(Clause(field="origin_count_1h", at_least=Decimal(2)),))


def moved(minutes: int) -> Movement:
    return Movement(NOW - timedelta(minutes=minutes), Decimal(10), "C9")


def asking(*conditions: Rule) -> FakePolicies:
    return FakePolicies(Policy(version=2, thresholds=Thresholds(review=0.5, block=0.9), rules=conditions))


def test_velocity_is_read_only_where_the_policy_asks_for_it(transaction: Make) -> None:
    quiet = World()
    assert quiet.decided(transaction())[0].velocity == {}
    assert quiet.accounts.asked == []
    asked = World(policies=asking(BURST))
    asked.decided(transaction(transaction_id="a"), transaction(transaction_id="b"))
    assert asked.accounts.asked == [(name, {"origin": timedelta(hours=1)}) for name in "ab"]


@pytest.mark.parametrize(("movements", "outcome"), [((5,), Outcome.APPROVE), ((5, 6), Outcome.REVIEW)])
def test_a_condition_on_velocity_raises_the_outcome_and_is_recorded(
    transaction: Make, movements: tuple[int, ...], outcome: Outcome
) -> None:
    world = World(policies=asking(BURST), accounts=FakeAccounts(*map(moved, movements)))
    [decision] = world.decided(transaction())
    assert decision.outcome is outcome
    assert decision.velocity == {"origin_count_1h": len(movements)}


def test_velocity_counts_to_the_time_that_the_transaction_says(transaction: Make) -> None:
    world = World(policies=asking(BURST), accounts=FakeAccounts(moved(5), moved(6)))
    [decision] = world.decided(transaction(occurred_at="2026-11-24T08:00:00Z"))
    assert decision.velocity == {"origin_count_1h": 0}


def test_a_velocity_that_cannot_be_read_holds_nothing_and_is_said(transaction: Make) -> None:
    never = Rule(code="quiet", outcome=Outcome.BLOCK, when=(Clause(field="origin_count_1h", at_most=Decimal(100)),))
    [decision] = World(policies=asking(never), accounts=FakeAccounts(late=True)).decided(transaction())
    assert (decision.outcome, decision.degraded, decision.velocity) == (Outcome.APPROVE, ("velocity_unread",), {})


def test_what_was_received_earlier_happened_then(transaction: Make) -> None:
    earlier = NOW - timedelta(hours=3)
    [scored] = World().scorer.decide([transaction()], received_at=[earlier])
    assert (scored.received_at, scored.occurred_at, scored.decision.decided_at) == (earlier, earlier, NOW)


def test_what_earlier_payments_say_is_kept_with_the_decision_and_what_is_late_is_named() -> None:
    world = World()
    source = FakeAggregates(hour=exactly(3), day=NOT_READ)
    scorer = Scorer(
        world.predictor, world.policies, world.store, world.parking, world.accounts, lambda: NOW, aggregates=source
    )
    [one] = scorer.score([shop_transaction()], time.monotonic())
    assert isinstance(one, DecisionResult)
    assert (one.decision.aggregates, one.decision.degraded) == (source.found, ("aggregate_unread:day",))
    assert source.known_at == [NOW]
