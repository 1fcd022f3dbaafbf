"""Random policies over random payments: tests on history and the shadow come to what the online path decides."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
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
from fraudshield.policy.policy import Policy
from fraudshield.predictor.predictor import RulePredictor
from fraudshield.rate.rate import NO_RATES
from fraudshield.scoring.decision import Decision
from fraudshield.scoring.dynamo_item import to_item
from fraudshield.value_list.as_of import ListsAsOf, Place
from fraudshield.value_list.value_list import ListEntry
from tests.chunk import GOOD
from tests.fakes import NOW
from tests.unit.batch.test_rules_as_online import LISTS, ROWS, online, policies

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
    """All but the model's own reasons, which say nothing of a policy."""
    return one.outcome, [reason for reason in one.reasons if reason.feature is None], one.rules, one.decided_by


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


@pytest.mark.long
@settings(max_examples=2000)
@given(policies(), policies(), st.lists(ROWS, min_size=1, max_size=40))
def test_many_policies_decide_stored_payments_as_the_online_path_does(
    before: Policy, draft: Policy, rows: list[dict[str, str]]
) -> None:
    assert_as_online(before, draft, rows)
