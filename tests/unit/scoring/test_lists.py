"""Rules that ask lists: read for all payments at once, kept with the decision, computed again from what was kept."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from fraudshield.expression.names import Kind, ListQuestion
from fraudshield.policy.active import ActivePolicies
from fraudshield.policy.in_force import ActivePolicy
from fraudshield.policy.named_field import NamedFields
from fraudshield.policy.policy import Outcome, Policy, Thresholds, first_policy
from fraudshield.policy.rule import Rule
from fraudshield.scoring.decision import Decision
from fraudshield.scoring.dynamo_item import from_item, to_item
from fraudshield.scoring.replay import Replayer, replay_response
from fraudshield.scoring.scoring import Scorer
from fraudshield.transaction.built_in import BuiltInTransaction
from fraudshield.value_list.reader import ListReader
from tests.fake_policies import FakePolicyStore
from tests.fakes import NOW, FakeAccounts, FakeParking, FakePolicies, FakePredictor, FakeStore
from tests.rates.fake import FakeRates
from tests.value_lists.fake import FakeEntries

Make = Callable[..., BuiltInTransaction]
RECEIVER, SENDER = ListQuestion("mules", "nameDest"), ListQuestion("trusted", "nameOrig", lower=True)
NAMES = NamedFields(fields={"nameDest": Kind.TEXT, "nameOrig": Kind.TEXT}, lists=("mules", "trusted"))


def policy(*rules: Rule) -> Policy:
    return Policy(version=3, thresholds=Thresholds(review=0.5, block=0.9), rules=rules, names=NAMES)


MULE = Rule(code="mule", outcome=Outcome.BLOCK, when="nameDest in lists.mules")
TRUSTED = Rule(code="trusted", outcome=Outcome.APPROVE, when="nameOrig.lowerAscii() in lists.trusted")


class Listing:
    """A scorer whose rules ask lists."""

    def __init__(self, entries: FakeEntries, *rules: Rule, risk: float = 0.1) -> None:
        self.entries, self.policy = entries, policy(*rules)
        self.predictor, self.store = FakePredictor(risk), FakeStore()
        self.scorer = Scorer(
            self.predictor,
            FakePolicies(self.policy),
            self.store,
            FakeParking(),
            FakeAccounts(),
            lambda: NOW,
            lists=ListReader(entries, now=lambda: NOW),
        )

    def decide(self, *transactions: BuiltInTransaction) -> list[Decision]:
        return [one.decision for one in self.scorer.decide(transactions)]

    def replay(self, transaction: BuiltInTransaction) -> Any:
        """Through the item that is stored, and without any list."""
        self.scorer.score([transaction], 0.0)
        kept = self.store.kept[transaction.transaction_id]
        self.store.kept[transaction.transaction_id] = from_item(to_item(kept, "api"))
        versions = FakePolicyStore()
        versions.stored[3] = self.policy
        policies = ActivePolicies(lambda _: ActivePolicy(versions, first_policy()))
        predictors = {self.predictor.facts.model_version: self.predictor}
        replayer = Replayer(self.store, policies, lambda _: predictors, FakeRates())
        return replay_response(replayer.replay(transaction.transaction_id), "r-1")


def test_a_payment_to_a_listed_account_is_blocked(transaction: Make) -> None:
    world = Listing(FakeEntries(mules=["C7"]), MULE)
    to_him, to_another = world.decide(transaction(nameDest="C7"), transaction(nameDest="C8"))
    assert (to_him.outcome, to_him.lists) == (Outcome.BLOCK, {RECEIVER: True})
    assert (to_another.outcome, to_another.lists) == (Outcome.APPROVE, {RECEIVER: False})
    assert world.entries.reads == [(2, 2)]


def test_a_trusted_sender_passes_in_whatever_letters(transaction: Make) -> None:
    [decision] = Listing(FakeEntries(trusted=["c-ann"]), TRUSTED, risk=0.7).decide(transaction(nameOrig="C-Ann"))
    assert (decision.outcome, decision.lists) == (Outcome.APPROVE, {SENDER: True})


def test_where_no_rule_asks_a_list_nothing_is_read_or_kept(transaction: Make) -> None:
    world = Listing(FakeEntries(mules=["C7"]), replace_when(MULE, 'nameDest == "C9"'))
    [decision] = world.decide(transaction(nameDest="C7"))
    assert (world.entries.reads, decision.lists) == ([], {})


def replace_when(rule: Rule, when: str) -> Rule:
    return rule.model_copy(update={"when": when})


def test_a_list_that_is_late_is_not_evaluated_and_named(transaction: Make) -> None:
    world = Listing(FakeEntries(mules=["C7"], trusted=[]), MULE, TRUSTED)
    world.entries.late = {"mules"}
    [decision] = world.decide(transaction(nameDest="C7"))
    assert decision.outcome is Outcome.APPROVE
    assert decision.degraded == ("list_unread:mules",)
    [state] = decision.rules
    assert (state.code, state.state, state.why) == ("mule", "not_evaluated", "the list mules could not be read")


@pytest.mark.parametrize("late", [set(), {"mules"}, {"mules", "trusted"}])
@pytest.mark.parametrize("held", [["C7"], []])
def test_a_replay_needs_no_list_and_gives_the_same_bytes(transaction: Make, late: set[str], held: list[str]) -> None:
    world = Listing(FakeEntries(mules=held, trusted=["c123456789"]), MULE, TRUSTED, risk=0.7)
    world.entries.late = late
    found = world.replay(transaction(nameDest="C7"))
    assert found["same"]
    trusted = "review" if "trusted" in late else "approve"
    assert found["stored"]["decision"] == ("block" if held and not late else trusted)


def test_a_stored_answer_that_is_another_is_noticed(transaction: Make) -> None:
    world = Listing(FakeEntries(mules=["C7"]), MULE)
    sent = transaction(nameDest="C7")
    world.scorer.score([sent], 0.0)
    kept = world.store.kept[sent.transaction_id]
    planted = replace(kept, decision=replace(kept.decision, lists={RECEIVER: False}))
    assert from_item(to_item(planted, "api")).decision.lists == {RECEIVER: False}
    versions = FakePolicyStore()
    versions.stored[3] = world.policy
    world.store.kept[sent.transaction_id] = planted
    policies = ActivePolicies(lambda _: ActivePolicy(versions, first_policy()))
    predictors = {world.predictor.facts.model_version: world.predictor}
    found = Replayer(world.store, policies, lambda _: predictors, FakeRates()).replay(sent.transaction_id)
    assert found.computed.outcome is Outcome.APPROVE


def test_an_item_has_answers_and_no_value_twice(transaction: Make) -> None:
    world = Listing(FakeEntries(mules=["C7"], trusted=[]), MULE, TRUSTED)
    [scored] = world.scorer.decide([transaction(nameDest="C7")])
    item = to_item(scored, "api")
    assert item["lists"] == {"M": {"mules.nameDest": {"BOOL": True}, "trusted.nameOrig.lower": {"BOOL": False}}}
    assert from_item(item).decision == scored.decision
