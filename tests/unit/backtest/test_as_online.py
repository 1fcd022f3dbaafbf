"""Random policies over random payments: tests on history and the shadow come to what the online path decides."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from fraudshield.analytics.series import ONE, Counts, added
from fraudshield.backtest.compared import DraftComparison
from fraudshield.backtest.dynamo_image import shadow_change
from fraudshield.backtest.dynamo_run import stored_payment
from fraudshield.backtest.dynamo_shadow import ShadowJudge
from fraudshield.backtest.shadow.change import LATEST, ShadowDraft
from fraudshield.backtest.tally import PartTally
from fraudshield.policy.control import ControlDraw
from fraudshield.policy.order import CLOSED, OpenBreakers
from fraudshield.policy.policy import Control, Policy
from fraudshield.policy.port import PolicyInForce
from fraudshield.policy.velocity import Movement
from fraudshield.predictor.predictor import RulePredictor
from fraudshield.predictor.without_model import OnePredictor
from fraudshield.rate.rate import NO_RATES
from fraudshield.scoring.decision import Decision, ScoredTransaction
from fraudshield.scoring.dynamo_item import to_item
from fraudshield.scoring.scoring import Scorer
from fraudshield.value_list.as_of import ListsAsOf, Place
from fraudshield.value_list.reader import ListReader
from fraudshield.value_list.value_list import ListEntry
from tests.chunk import GOOD, predictor
from tests.fakes import NOW, FakeAccounts, FakeParking, FakePolicies, FakeStore
from tests.unit.batch.test_rules_as_online import LISTS, ROWS, decided, online, policies
from tests.value_lists.fake import FakeEntries

MOVEMENTS = (Movement(NOW - timedelta(minutes=5), Decimal(7), "C9"),)
DAY = timedelta(days=1)
KEY = b"k" * 32


class ListsOfThen:
    """What stands on the lists stood there a day before any payment."""

    def entries(self, places: Sequence[Place]) -> Mapping[Place, ListEntry]:
        return {place: ListEntry(place[1], NOW - DAY) for place in places if place[1] in LISTS[place[0]]}


class FakeCheckpoints:
    """One shard, in memory; every second commit finds that somebody else was faster, and is made all the same."""

    def __init__(self) -> None:
        self.last, self.tries = -1, 0
        self.summed: Counts = {}

    def through(self, shard: str) -> int:
        return self.last

    def commit(self, shard: str, last: int, counts: Counts) -> bool:
        self.tries += 1
        self.last, self.summed = last, added((self.summed, ONE), (counts, ONE))
        return bool(self.tries % 2)


def comparison(draft: Policy) -> DraftComparison:
    return DraftComparison(draft, LATEST, ["nameOrig"], {}, RulePredictor(NOW), lambda _: NO_RATES)


def said_of(one: Decision) -> Any:
    """All but the reasons of the model, or of what stood in for it, which say nothing of a policy."""
    own = {state.code for state in one.rules}
    return one.outcome, [reason for reason in one.reasons if reason.code in own], one.rules, one.decided_by


def assert_as_online(before: Policy, draft: Policy, rows: Sequence[dict[str, str]]) -> None:
    """Payments that one policy decided, decided again by another from what was stored of them."""
    sent = [GOOD | one | {"transaction_id": f"t{at}"} for at, one in enumerate(rows)]
    expected = [one.decision for one in online(sent, draft)]
    items: list[Any] = [to_item(one, "api") for one in online(sent, before)]
    again = comparison(draft)
    payments = [stored_payment(item) for item in items]
    answers = ListsAsOf(ListsOfThen()).answers([again.questions(one) for one in payments])
    found = [again.decided(one, said) for one, said in zip(payments, answers, strict=True)]
    assert list(map(said_of, found)) == list(map(said_of, expected))
    tally = PartTally(["nameOrig"], KEY)
    for stored, said in zip(payments, answers, strict=True):
        tally.add(stored.scored.transaction.transaction_id, again.compare(stored, said))
    assert {name: tally.totals.counts[f"then.{name}"] for name in ("approve", "review", "block")} == {
        name: sum(one.outcome == name for one in expected) for name in ("approve", "review", "block")
    }
    assert in_shadow(draft, items) == {name: many for name, many in tally.totals.counts.items() if many}


def in_shadow(draft: Policy, items: Sequence[Any]) -> dict[str, int]:
    """The totals of a draft in shadow, to which every payment comes twice."""
    shadow = ShadowDraft(comparison(draft.model_copy(update={"created_at": NOW - DAY})))
    checkpoints = FakeCheckpoints()
    judge = ShadowJudge(checkpoints, shadow_change, lambda _: [shadow], lambda: ListsAsOf(ListsOfThen()), lambda: KEY)
    records = [
        {"eventName": "INSERT", "dynamodb": {"SequenceNumber": str(at), "NewImage": item}}
        for at, item in enumerate(items)
    ]
    for start in (0, 0, len(records) // 2):
        judge.judge("s", records[start:], float("inf"))
    totals: Counter[str] = Counter()
    for (_, bucket), counters in checkpoints.summed.items():
        if "!" in bucket:
            totals.update({name: int(many) for name, many in counters.items() if not name.startswith("money:")})
    return dict(totals)


@settings(max_examples=20, phases=[Phase.generate])
@given(policies(), policies(), st.lists(ROWS, min_size=1, max_size=8))
def test_a_stored_payment_is_decided_again_as_the_online_path_decides(
    before: Policy, draft: Policy, rows: list[dict[str, str]]
) -> None:
    assert_as_online(before, draft, rows)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """How the online path decided: what it could not read, what stood in, what was held back, whom it drew."""

    ruled: bool
    accounts_late: bool
    lists_late: frozenset[str]
    breakers: OpenBreakers
    control: ControlDraw


class CircumstancedPolicies(FakePolicies):
    """A policy in force under circumstances."""

    def __init__(self, policy: Policy, of: Circumstances) -> None:
        super().__init__(policy)
        self.of_now = of

    def current(self) -> PolicyInForce:
        return replace(super().current(), breakers=self.of_now.breakers, control=self.of_now.control)


BREAKERS = st.builds(OpenBreakers, st.booleans(), st.frozensets(st.sampled_from([f"r{at}" for at in range(4)])))
CIRCUMSTANCES = st.builds(
    Circumstances,
    st.booleans(),
    st.booleans(),
    st.frozensets(st.sampled_from(list(LISTS))),
    st.just(CLOSED) | BREAKERS,
    st.just(ControlDraw()) | st.just(ControlDraw("00" * 32)),
)
CONTROLS = st.none() | st.builds(Control, share=st.sampled_from([0.2, 0.5, 1.0]), max_amount=st.just(Decimal(1500)))


def decided_by(policy: Policy, of: Circumstances, rows: list[dict[str, str]]) -> list[ScoredTransaction]:
    """Payments as the online path decides them, those that velocities tell of among them."""
    entries, accounts = FakeEntries(**LISTS), FakeAccounts(*MOVEMENTS, late=of.accounts_late)
    entries.late = set(of.lists_late)
    model = OnePredictor(RulePredictor(NOW) if of.ruled else predictor())
    policies, lists = CircumstancedPolicies(policy, of), ListReader(entries)
    return decided(
        rows, Scorer(OnePredictor(model), policies, FakeStore(), FakeParking(), accounts, lambda: NOW, lists=lists)
    )


def is_unread(one: Decision) -> bool:
    """Whether it says that something was not read."""
    return any("unread" in flag for flag in one.degraded)


@settings(max_examples=20, phases=[Phase.generate])
@given(policies(), CONTROLS, CIRCUMSTANCES, st.lists(ROWS, min_size=1, max_size=8))
def test_the_version_in_force_differs_from_its_own_decisions_in_nothing(
    drawn: Policy, control: Control | None, of: Circumstances, rows: list[dict[str, str]]
) -> None:
    """But in those that say that something was unread; where it knows what was, as here, not even in them."""
    policy = drawn.model_copy(update={"control": control})
    made = decided_by(policy, of, [GOOD | one | {"transaction_id": f"t{at}"} for at, one in enumerate(rows)])
    items: list[Any] = [to_item(one, "api") for one in made]
    again, tally = comparison(policy), PartTally(["nameOrig"], KEY)
    payments = [stored_payment(item) for item in items]
    answers = ListsAsOf(ListsOfThen()).answers([again.questions(one) for one in payments])
    for stored, said, before in zip(payments, answers, made, strict=True):
        assert said_of(again.decided(stored, said)) == said_of(before.decision)
        assert again.decided(stored, said).degraded == before.decision.degraded
        one = again.compare(stored, said)
        assert one.now is one.then
        assert not one.not_kept or is_unread(before.decision)
        tally.add(before.transaction.transaction_id, one)
    assert in_shadow(policy, items) == {name: many for name, many in tally.totals.counts.items() if many}


@pytest.mark.long
@settings(max_examples=2000)
@given(policies(), policies(), st.lists(ROWS, min_size=1, max_size=40))
def test_many_policies_decide_stored_payments_as_the_online_path_does(
    before: Policy, draft: Policy, rows: list[dict[str, str]]
) -> None:
    assert_as_online(before, draft, rows)
