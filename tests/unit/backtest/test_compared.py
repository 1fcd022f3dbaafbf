"""Payments decided again by a draft: what was kept with them is all that it reads."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraudshield.aggregate.value import AggregateValue
from fraudshield.backtest.compared import Compared, DraftComparison, StoredPayment
from fraudshield.expression.names import Kind
from fraudshield.policy.clause import Clause
from fraudshield.policy.named_field import NamedFields
from fraudshield.policy.outcome import Outcome
from fraudshield.policy.policy import Policy, Thresholds
from fraudshield.policy.rule import Rule
from fraudshield.policy.velocity import Movement
from fraudshield.predictor.predictor import RulePredictor
from fraudshield.predictor.without_model import OnePredictor
from fraudshield.rate.rate import NO_RATES
from fraudshield.scoring.decision import VELOCITY_UNREAD, ScoredTransaction
from fraudshield.scoring.scoring import Scorer
from fraudshield.transaction.built_in import BuiltInTransaction
from fraudshield.value_list.as_of import ListsAsOf, Place
from fraudshield.value_list.value_list import ListEntry
from tests.conftest import README_TRANSACTION
from tests.fakes import NOW, FakeAccounts, FakeParking, FakePolicies, FakePredictor, FakeStore

THRESHOLDS = Thresholds(review=0.5, block=0.9)
BUSY = Rule(code="busy", outcome=Outcome.REVIEW, when=(Clause(field="origin_count_1h", at_least=Decimal(1)),))
LARGE = Rule(code="large", outcome=Outcome.BLOCK, when=(Clause(field="amount", at_least=Decimal(900)),))
TRUSTED = Rule(
    code="trusted", outcome=Outcome.APPROVE, when=(Clause(field="amount", at_most=Decimal(99)),), overrides_block=True
)


def policy(*rules: Rule, version: int = 1, review: float = 0.5) -> Policy:
    return Policy(version=version, thresholds=Thresholds(review=review, block=0.9), rules=rules)


def scored(made_by: Policy, *, predictor: Any = None, accounts: Any = None, **changes: Any) -> ScoredTransaction:
    """A payment as that policy decided it."""
    movements = accounts or FakeAccounts(Movement(NOW, Decimal(1), "C1"))
    scorer = Scorer(
        OnePredictor(predictor or FakePredictor(0.7)),
        FakePolicies(made_by),
        FakeStore(),
        FakeParking(),
        movements,
        lambda: NOW,
    )
    sent: dict[str, Any] = README_TRANSACTION | {"occurred_at": NOW.isoformat()} | changes
    sent = {name: Decimal(repr(one)) if isinstance(one, float) else one for name, one in sent.items()}
    [one] = scorer.decide([BuiltInTransaction.model_validate(sent)])
    return one


def comparison(draft: Policy) -> DraftComparison:
    return DraftComparison(
        draft,
        NOW + timedelta(days=100),
        ["nameOrig"],
        {"payment": timedelta(days=90)},
        RulePredictor(NOW),
        lambda _: NO_RATES,
    )


def compared(draft: Policy, one: ScoredTransaction, **known: Any) -> Compared:
    return comparison(draft).compare(StoredPayment(one, **known))


RULES = st.lists(st.sampled_from([BUSY, LARGE, TRUSTED]), unique=True)


@given(rules=RULES, risk=st.integers(0, 100), amount=st.integers(1, 2000), ruled=st.booleans(), away=st.booleans())
def test_the_version_that_decided_comes_to_what_it_decided(
    rules: list[Rule], risk: int, amount: int, ruled: bool, away: bool
) -> None:
    mine = policy(*rules)
    accounts = FakeAccounts(late=True) if away else None
    predictor = RulePredictor(NOW) if ruled else FakePredictor(risk / 100)
    again = compared(mine, scored(mine, predictor=predictor, accounts=accounts, amount=Decimal(amount)))
    assert again.then is again.now
    assert again.not_kept == (away and BUSY in rules)


def test_a_draft_decides_on_the_risk_as_it_was() -> None:
    assert compared(policy(review=0.8), scored(policy())).then is Outcome.APPROVE


def test_a_velocity_that_nobody_asked_for_then_is_not_evaluated() -> None:
    one = compared(policy(BUSY, version=2), scored(policy()))
    assert (one.hits, one.not_evaluated, one.not_kept) == ((), ("busy",), True)


def test_a_velocity_that_could_not_be_read_then_is_not_evaluated_and_was_no_choice_of_ours() -> None:
    one = scored(policy(BUSY))
    unread = replace(one, decision=replace(one.decision, velocity={}, degraded=(VELOCITY_UNREAD,)))
    assert compared(policy(BUSY), unread).not_evaluated == ("busy",)


def test_rules_that_stood_in_for_the_model_are_asked_again() -> None:
    emptied = {"type": "TRANSFER", "amount": Decimal(5000), "oldbalanceOrg": Decimal(5000)}
    made = scored(policy(), predictor=RulePredictor(NOW), **emptied)
    assert (made.decision.outcome, compared(policy(review=0.01), made).then) == (Outcome.BLOCK, Outcome.BLOCK)


def test_a_rule_that_lowers_is_a_hit_too() -> None:
    one = compared(policy(TRUSTED), scored(policy(), predictor=FakePredictor(0.95), amount=Decimal(50)))
    assert (one.now, one.then, one.hits) == (Outcome.BLOCK, Outcome.APPROVE, ("trusted",))


@pytest.mark.parametrize(
    ("known", "kind"),
    [
        ({}, "genuine_by_age"),
        ({"label": "fraud", "labelled_at": NOW + timedelta(days=9)}, "fraud"),
        ({"label": "genuine", "labelled_at": NOW}, "genuine_said"),
        ({"label": "fraud", "labelled_at": NOW + timedelta(days=101)}, "genuine_by_age"),
    ],
)
def test_a_label_counts_from_when_it_was_said(known: dict[str, Any], kind: str) -> None:
    assert compared(policy(), scored(policy(), predictor=FakePredictor(0.1)), **known).label == kind


def test_labels_that_came_after_the_payment_give_a_draft_no_fraud_rate() -> None:
    """The rate is what was kept; a label that says fraud since changes none, and a rate that was not kept is none."""
    names = NamedFields(aggregates={"rate": Kind.NUMBER})
    rated = Rule(code="rated", outcome=Outcome.REVIEW, when="rate > 0.1")
    draft = Policy(version=2, thresholds=THRESHOLDS, rules=(rated,), names=names)
    one = scored(policy(), predictor=FakePredictor(0.1))
    kept = replace(one, decision=replace(one.decision, aggregates={"rate": AggregateValue(Decimal(0))}))
    said = {"label": "fraud", "labelled_at": NOW + timedelta(days=1)}
    assert compared(draft, kept, **said).hits == ()
    unkept = compared(draft, one, **said)
    assert (unkept.hits, unkept.not_evaluated, unkept.not_kept) == ((), ("rated",), True)


class FakeListHistory:
    """One entry of one list."""

    def __init__(self, name: str, entry: ListEntry) -> None:
        self.place, self.entry = (name, entry.value), entry

    def entries(self, places: Sequence[Place]) -> Mapping[Place, ListEntry]:
        return {self.place: self.entry} if self.place in places else {}


@pytest.mark.parametrize(("after_s", "hits"), [(-60, ("stolen",)), (60, ())])
def test_an_entry_that_was_added_after_the_payment_gains_a_draft_nothing(after_s: int, hits: tuple[str, ...]) -> None:
    names = NamedFields(fields={"nameOrig": Kind.TEXT}, lists=("stolen",))
    rule = Rule(code="stolen", outcome=Outcome.BLOCK, when="nameOrig in lists.stolen")
    draft = Policy(version=2, thresholds=THRESHOLDS, rules=(rule,), names=names)
    one = StoredPayment(scored(policy(), predictor=FakePredictor(0.1)))
    entry = ListEntry("C123456789", added_at=NOW + timedelta(seconds=after_s))
    comparing = comparison(draft)
    [answers] = ListsAsOf(FakeListHistory("stolen", entry)).answers([comparing.questions(one)])
    assert comparing.compare(one, answers).hits == hits
