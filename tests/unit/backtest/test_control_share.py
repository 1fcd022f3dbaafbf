"""What a control share lets through stands for what was blocked: a looser draft is judged as if all were known."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from fraudshield.backtest.account_sums import AccountSums
from fraudshield.backtest.answer import history_answer
from fraudshield.backtest.compared import Compared, StoredPayment
from fraudshield.backtest.shadow.change import KNOWN, account_sums
from fraudshield.backtest.tally import PartTally, merged_accounts, sums_in
from fraudshield.label.truth import LabelKind
from fraudshield.policy.outcome import Outcome
from fraudshield.policy.policy import Control
from tests.fakes import FakePredictor
from tests.unit.backtest.test_compared import comparison, policy, scored

APPROVE, REVIEW, BLOCK = Outcome
SHARE, BLOCKED, BLOCKED_FRAUDS, OTHER_FRAUDS = 0.2, 2000, 0.6, 600


def payment(account: int, now: Outcome, then: Outcome, label: LabelKind, amount: int, weight: float = 1) -> Compared:
    entities = {"card": f"c{account}"}
    return Compared(now, then, Decimal(amount), label, (), (), False, False, entities, weight)


def world(seed: int, known: bool) -> Iterator[Compared]:
    """Payments that were blocked, of which a draft would let all through; the truth of some, or of all, is known.

    A fifth of the blocked ones are drawn, held for review and labelled. Beside them are frauds that nobody stopped.
    """
    chance = np.random.default_rng(seed)
    for at in range(BLOCKED):
        label: LabelKind = "fraud" if chance.random() < BLOCKED_FRAUDS else "genuine_said"
        amount, drawn = int(chance.integers(10, 500)), chance.random() < SHARE
        if known:
            yield payment(at, BLOCK, APPROVE, label, amount)
        elif drawn:
            yield payment(at, REVIEW, APPROVE, label, amount, 1 / SHARE)
        else:
            yield payment(at, BLOCK, APPROVE, "blocked", amount)
    for at in range(OTHER_FRAUDS):
        yield payment(BLOCKED + at, APPROVE, APPROVE, "fraud", int(chance.integers(10, 500)))


def answer(payments: Iterator[Compared]) -> Any:
    tally = PartTally(["card"], b"k" * 16)
    for number, one in enumerate(payments):
        tally.add(f"p{number}", one)
    _, *lines = tally.lines()
    return history_answer(tally.totals, merged_accounts(map(sums_in, lines), ["card"]), (), 30.0, 1)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_looser_draft_is_judged_by_what_was_let_through(seed: int) -> None:
    truth, found = answer(world(seed, known=True)), answer(world(seed, known=False))
    for measure in ("recall", "value_recall"):
        one = found["paired"][measure]
        assert one["enough"], one["why_not"]
        assert one["low"] < truth["paired"][measure]["difference"] < one["high"]
        assert one["difference"] == pytest.approx(truth["paired"][measure]["difference"], abs=0.03)
        assert one["accounts"] < BLOCKED  # each is one account, whatever it stands for
    assert found["unknowable_share"]["payments"] < 0.05
    assert found["labels"]["blocked"] > 0.75 * BLOCKED


def test_without_its_weight_it_is_not_judged_and_would_be_far_off() -> None:
    truth = answer(world(1, known=True))["paired"]["recall"]["difference"]
    one = answer(replace(each, weight=1) for each in world(1, known=False))["paired"]["recall"]
    assert not one["enough"]
    assert one["why_not"].startswith("8")  # about 80 % of what differs was blocked
    assert abs(one["difference"] - truth) > 0.2


def test_a_decision_of_a_control_share_has_the_weight_of_it_and_another_has_none() -> None:
    controlled = policy().model_copy(update={"control": Control(share=Decimal("0.02"), max_amount=Decimal(10_000))})
    made = scored(controlled, predictor=FakePredictor(0.95))
    drawn = replace(made, decision=replace(made.decision, outcome=REVIEW, control_share=0.02))
    assert [comparison(policy()).compare(StoredPayment(one)).weight for one in (made, drawn)] == [1, 50]


def test_sums_in_shadow_keep_what_is_stood_for() -> None:
    counters = {f"{KNOWN}frauds": Decimal(repr(1 / 0.03)), f"{KNOWN}genuine": Decimal(2), f"{KNOWN}money": Decimal(5)}
    assert account_sums(counters, is_old=True) == AccountSums(genuine=2, frauds=1 / 0.03, money=5.0)
