"""The control share: which blocks are let through to review, what is kept of it, and what never is."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from fraudshield.policy.clause import Clause
from fraudshield.policy.control import ControlDraw, new_key
from fraudshield.policy.policy import Control, Outcome, Policy, Thresholds
from fraudshield.policy.port import PolicyInForce
from fraudshield.policy.rule import Rule
from fraudshield.scoring.decision import Decision
from fraudshield.scoring.dynamo_item import from_item, to_item
from fraudshield.scoring.response import entry
from fraudshield.scoring.scoring import Scorer
from fraudshield.transaction.built_in import BuiltInTransaction
from tests.fakes import NOW, FakeAccounts, FakeParking, FakePolicies, FakePredictor, FakeStore

Make = Callable[..., BuiltInTransaction]
ALWAYS = (Clause(field="amount", at_least=Decimal(0)),)
KEY = new_key(Control(share=0.1, max_amount=Decimal(1000))) or ""


class ControlledPolicies(FakePolicies):
    """A policy whose blocks are drawn from."""

    def __init__(self, policy: Policy, key: str = KEY) -> None:
        super().__init__(policy)
        self.key = key

    def current(self) -> PolicyInForce:
        return replace(super().current(), control=ControlDraw(self.key))


def policy(share: float = 1.0, most: int = 1000, **rule: Any) -> Policy:
    rules = (Rule(code="r", outcome=Outcome.BLOCK, when=ALWAYS, **rule),) if rule else ()
    control = Control(share=share, max_amount=Decimal(most))
    return Policy(version=3, thresholds=Thresholds(review=0.5, block=0.9), rules=rules, control=control)


def decided(policies: FakePolicies, risk: float, *transactions: BuiltInTransaction) -> list[Decision]:
    scorer = Scorer(FakePredictor(risk), policies, FakeStore(), FakeParking(), FakeAccounts(), clock=lambda: NOW)
    return [one.decision for one in scorer.decide(transactions)]


def test_a_share_of_blocks_is_let_through_and_the_same_ones_each_time(transaction: Make) -> None:
    sent = [transaction(transaction_id=f"t-{number}") for number in range(500)]
    policies = ControlledPolicies(policy(0.1))
    made = [decided(policies, 0.95, one)[0] for one in sent]
    drawn = [one.transaction_id for one in made if one.decided_by == "control"]
    assert 20 < len(drawn) < 90  # 50 on average, with a spread of 7
    assert {one.outcome for one in made} == {Outcome.REVIEW, Outcome.BLOCK}
    assert [(one.outcome, one.control_share) for one in made if one.transaction_id in drawn] == [
        (Outcome.REVIEW, 0.1)
    ] * len(drawn)
    assert [decided(policies, 0.95, one)[0].decided_by for one in sent] == [one.decided_by for one in made]
    other = ControlledPolicies(policy(0.1), new_key(policy().control) or "")
    assert [one.transaction_id for one in sent if decided(other, 0.95, one)[0].control_share] != drawn


@pytest.mark.parametrize(
    ("risk", "made", "outcome"),
    [
        (0.95, policy(), Outcome.REVIEW),
        (0.95, policy(most=999), Outcome.BLOCK),
        (0.5, policy(), Outcome.REVIEW),
        (0.1, policy(), Outcome.APPROVE),
        (0.1, policy(control=True, text="it may"), Outcome.REVIEW),
        (0.1, policy(control=False), Outcome.BLOCK),
        (0.95, policy(control=False), Outcome.BLOCK),
        (0.1, policy(control=True, limit="none", limit_reason="stolen"), Outcome.REVIEW),
    ],
)
def test_only_blocks_up_to_the_amount_are_and_none_of_a_rule_that_takes_no_part(
    transaction: Make, risk: float, made: Policy, outcome: Outcome
) -> None:
    [decision] = decided(ControlledPolicies(made), risk, transaction())
    assert decision.outcome is outcome
    assert (decision.control_share is not None) == (decision.decided_by == "control")
    [without] = decided(FakePolicies(made), risk, transaction())
    assert without.control_share is None


def test_its_share_is_kept_with_the_decision_and_said(transaction: Make) -> None:
    scorer = Scorer(
        FakePredictor(0.95), ControlledPolicies(policy()), FakeStore(), FakeParking(), FakeAccounts(), clock=lambda: NOW
    )
    [scored] = scorer.decide([transaction()])
    kept = from_item(to_item(scored, "api")).decision
    assert (kept.control_share, kept.decided_by, kept.held_to) == (1.0, "control", ())
    assert entry(kept, persisted=True) == entry(scored.decision, persisted=True)
    assert entry(kept, persisted=True)["control_share"] == 1.0
