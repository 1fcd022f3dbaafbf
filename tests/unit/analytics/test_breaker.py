"""When the consumer opens and closes a breaker, and what it says of it."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from fraudshield.analytics.block.block import block_delta, blocking
from fraudshield.analytics.block.breaker import limits_in, next_state
from fraudshield.analytics.counted_transaction import CountedDecision, CountedTransaction, TransactionChange
from fraudshield.policy.limit.limit import UNTESTED, WHOLE, BlockLimits, BlockTally

AT = "2026-11-24T10:30:00Z"
OPEN = {"version": 2, "whole": False, "rules": ["rule"], "cause": "rule", "opened_at": "2026-11-24T09:00:00Z"}


def found(blocked: dict[str, int], payments: int = 200, of_version: int = 50) -> BlockTally:
    return BlockTally(payments, of_version, {WHOLE: sum(blocked.values())} | blocked)


def test_it_opens_with_what_it_found_and_says_what_changed() -> None:
    assert next_state(None, 2, found({"rule": 19}), UNTESTED, AT) is None
    opened: Any = next_state(None, 2, found({"rule": 20}), UNTESTED, AT)
    said = {"whole": False, "rules": ["rule"], "cause": "rule", "blocked": 20, "payments": 200, "share": 0.1}
    assert opened == said | {"version": 2, "opened_at": AT}
    assert next_state(opened, 2, found({"rule": 20}), UNTESTED, AT) is None


@pytest.mark.parametrize(
    ("payments", "of_version", "cause"), [(200, 200, "traffic"), (200, 199, "version"), (60, 60, "version")]
)
def test_where_the_version_decided_all_of_a_hundred_payments_or_more_it_is_the_traffic(
    payments: int, of_version: int, cause: str
) -> None:
    state: Any = next_state(None, 2, BlockTally(payments, of_version, {WHOLE: 50}), UNTESTED, AT)
    assert state["cause"] == cause


def test_what_more_opens_keeps_the_time_and_the_cause_and_it_closes_under_half() -> None:
    more: Any = next_state(OPEN, 2, found({"rule": 30, "other": 25}), UNTESTED, AT)
    assert (more["rules"], more["opened_at"], more["cause"]) == (["other", "rule"], OPEN["opened_at"], "rule")
    assert next_state(OPEN, 2, found({"rule": 10}), UNTESTED, AT) is None
    assert next_state(OPEN | {"closed_at": AT, "note": "n"}, 2, found({"rule": 9}), UNTESTED, AT) == {
        **{"version": 2, "closed_at": AT, "note": "n"}
    }


def test_another_version_begins_with_nothing() -> None:
    assert next_state(OPEN, 3, found({"rule": 12}), UNTESTED, AT) is None
    assert next_state(OPEN, 2, found({"rule": 12}), UNTESTED, AT) is None
    opened: Any = next_state(OPEN | {"closed_at": AT}, 3, found({"rule": 20}), UNTESTED, AT)
    assert (opened["version"], opened["opened_at"], "closed_at" in opened) == (3, AT, False)


def test_a_pointer_says_what_its_version_may_block() -> None:
    assert limits_in(None) == limits_in({"version": 2}) == UNTESTED
    shares = {"share": 0.3, "rule_share": 0.05, "rules": {"often": 0.15}}
    assert limits_in({"version": 2, "blocks": shares}) == BlockLimits(0.3, 0.05, {"often": 0.15})


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        (None, {"source": {"S": "api"}, "held_to": {"L": []}}, {"payment"}),
        (None, {"source": {"S": "queue"}, "held_to": {"L": []}, "event_type": {"S": "order"}}, {"order"}),
        (None, {"source": {"S": "batch"}, "held_to": {"L": []}}, set()),
        (None, {"source": {"S": "api"}}, set()),
        ({"held_to": {"L": []}}, {"source": {"S": "api"}, "held_to": {"L": []}}, set()),
        (None, {"source": "unreadable", "held_to": 1}, set()),
    ],
)
def test_it_is_looked_where_something_was_blocked_that_came_by_the_api_or_the_queue(
    before: Any, now: Any, told: set[str]
) -> None:
    images = {"NewImage": now} | ({"OldImage": before} if before else {})
    assert blocking([{"dynamodb": images}, {}]) == told


def decided(source: str = "api", held_to: tuple[str, ...] | None = (), at: str = AT) -> CountedTransaction:
    decision = CountedDecision("block", Decimal(1), Decimal(1), "m-1", (), (), 2, at, held_to)
    return CountedTransaction("t-1", source, AT, "PAYMENT", Decimal(5), None, decision)


ONE = Decimal(1)
MINUTE = ("blocks#payment", "2026-11-24T10:30")


@pytest.mark.parametrize(
    ("before", "after", "counted"),
    [
        (None, decided(), {MINUTE: {"n.2": ONE, "b.2.": ONE}}),
        (None, decided("queue", ("stolen", "stolen")), {MINUTE: {"n.2": ONE, "b.2.": ONE, "b.2.stolen": ONE}}),
        (None, decided(held_to=None), {MINUTE: {"n.2": ONE}}),  # approved, or by a rule without a limit
        (None, decided("batch"), {}),
        (decided(), decided(), {}),  # a label, a verdict: the decision is not new
        (replace(decided(), decision=None), decided(), {MINUTE: {"n.2": ONE, "b.2.": ONE}}),
        (None, replace(decided(), decision=None), {}),
    ],
)
def test_each_decision_of_api_and_queue_counts_once_with_the_rules_that_have_a_limit(
    before: CountedTransaction | None, after: CountedTransaction, counted: Any
) -> None:
    assert block_delta(TransactionChange(before, after)) == counted
