"""How much may be blocked: the share, the payments that it is of, and what a process blocks before it is told."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from fraudshield.event_type.in_force import BlockShares
from fraudshield.policy.limit.breaker import limits_of
from fraudshield.policy.limit.limit import (
    UNTESTED,
    WHOLE,
    BlockLimits,
    BlockTally,
    Minute,
    limits_by_test,
    recent,
    tally,
)
from fraudshield.policy.limit.own import OwnBlocks
from fraudshield.policy.order import CLOSED, OpenBreakers
from fraudshield.policy.policy import Limits, Policy
from fraudshield.policy.rule import Rule
from fraudshield.policy.threshold import Thresholds
from fraudshield.policy.versioning.gate import FinishedTest, block_shares

NOW = datetime(2026, 11, 24, 10, 30, 20, tzinfo=UTC)
WIDE = BlockLimits(0.5, 0.2, {"often": 0.4})


@pytest.mark.parametrize(
    ("limits", "code", "payments", "most"),
    [
        (UNTESTED, WHOLE, 0, 10),
        (UNTESTED, "rule", 49, 10),
        (UNTESTED, WHOLE, 101, 10),
        (UNTESTED, WHOLE, 2000, 200),
        (BlockLimits(0.01, 0.01), WHOLE, 100, 5),
        (BlockLimits(0.29, 0.29), WHOLE, 100, 29),
        (WIDE, "often", 100, 40),
        (WIDE, "seldom", 100, 20),
    ],
)
def test_a_share_is_of_a_hundred_payments_at_least_and_five_may_always_be_blocked(
    limits: BlockLimits, code: str, payments: int, most: int
) -> None:
    assert limits.most(code, payments) == most


def finished(payments: int, blocked: int, at: datetime = NOW, **hits: int) -> FinishedTest:
    return FinishedTest("a", at, payments, blocked=blocked, hits=hits)


def version(limits: Limits | None = None) -> Policy:
    rules = [Rule(code=code, outcome=outcome, when="amount > 1") for code, outcome in RULES]
    return Policy(version=2, thresholds=Thresholds(review=0.1, block=0.2), rules=tuple(rules), limits=limits)


RULES = [("often", "block"), ("seldom", "block"), ("watched", "review")]


def test_a_tested_version_may_block_three_times_what_its_newest_test_gave_and_five_percent_at_least() -> None:
    tests = [
        finished(2000, 200, often=100, seldom=2, watched=900),
        finished(2000, 0, NOW - timedelta(days=1), often=1900),
        finished(10, 10, NOW + timedelta(days=1)),
    ]
    assert block_shares(tests, version()) == BlockShares(share=0.3, rule_share=0.05, rules={"often": 0.15})
    assert block_shares(tests, version(Limits(block_share=0.2))) == BlockShares(share=0.2, rule_share=0.2)
    assert block_shares([finished(2000, 2)], version()) == BlockShares(share=0.05, rule_share=0.05)
    assert block_shares(tests[2:], version()) is None
    assert (limits_of(None), limits_by_test(0, {}, 0)) == (UNTESTED, UNTESTED)


def minutes(*counts: tuple[int, int, int]) -> list[tuple[datetime, Minute]]:
    """Newest first: how many minutes ago, payments by version 1, and how many of them were blocked."""
    return [
        (NOW - timedelta(minutes=ago), Minute(Counter({1: payments}), Counter({(1, WHOLE): blocked})))
        for ago, payments, blocked in counts
    ]


@pytest.mark.parametrize(
    ("counts", "payments", "blocked"),
    [
        ([(0, 3, 1), (59, 500, 2), (61, 50, 40)], 503, 3),
        ([(0, 3, 1), (59, 50, 2), (300, 50, 30), (400, 50, 9)], 103, 33),
        ([(0, 3, 1), (9000, 5, 5)], 8, 6),
        ([], 0, 0),
    ],
)
def test_the_last_hour_counts_or_the_last_hundred_payments_whichever_are_more(
    counts: list[tuple[int, int, int]], payments: int, blocked: int
) -> None:
    found = tally(recent(minutes(*counts), NOW), 1)
    assert (found.payments, found.blocked.get(WHOLE, 0)) == (payments, blocked)


@pytest.mark.parametrize(
    ("blocked", "opened", "used_up"),
    [
        ({WHOLE: 9}, set(), set()),
        ({WHOLE: 10}, set(), {WHOLE}),
        ({WHOLE: 5}, {WHOLE}, {WHOLE}),
        ({WHOLE: 4}, {WHOLE}, set()),
        ({WHOLE: 10, "rule": 10}, set(), {"rule"}),
        ({WHOLE: 20, "rule": 10}, set(), {WHOLE, "rule"}),
        ({WHOLE: 19, "rule": 10, "other": 9}, set(), {"rule"}),
        ({WHOLE: 4, "rule": 4}, {"rule"}, set()),
    ],
)
def test_what_used_up_its_share_is_held_back_until_it_comes_under_half_of_it(
    blocked: dict[str, int], opened: set[str], used_up: set[str]
) -> None:
    assert BlockTally(100, 100, blocked).used_up(UNTESTED, opened) == used_up


def own(payments: int, blocked: int, at: datetime = NOW, codes: tuple[str, ...] = (), version: int = 2) -> OwnBlocks:
    found = OwnBlocks()
    for number in range(payments):
        found.note(at, version, codes if number < blocked else None)
    return found


def test_a_process_holds_back_what_it_blocked_itself_and_nothing_of_another_version() -> None:
    assert own(40, 9).begin(2, NOW).breakers() == CLOSED
    assert own(40, 10).begin(2, NOW).breakers() == OpenBreakers(version=True)
    assert own(40, 10, codes=("rule",)).begin(2, NOW).breakers() == OpenBreakers(rules=frozenset({"rule"}))
    assert own(40, 40).begin(3, NOW).breakers() == CLOSED
    assert own(40, 10).begin(2, NOW, BlockLimits(0.5, 0.5)).breakers() == CLOSED
    assert own(40, 7).begin(2, NOW, BlockLimits(0.05, 0.05)).breakers() == CLOSED  # ten, where five are allowed


def test_what_is_open_stays_open_beside_what_the_process_found_itself() -> None:
    told = OpenBreakers(rules=frozenset({"told"}))
    assert own(1, 0).begin(2, NOW, opened=told).breakers() == told
    found = own(40, 10, codes=("rule",)).begin(2, NOW, opened=told).breakers()
    assert found == OpenBreakers(rules=frozenset({"told", "rule"}))


def test_a_call_is_held_to_what_is_left_and_its_own_payments_count() -> None:
    allowed = own(95, 9).begin(2, NOW)
    found = []
    for _ in range(100):
        found.append(bool(allowed.breakers()))
        allowed.take(())
    assert found == [False, *[True] * 99]
    allowed = OwnBlocks().begin(2, NOW)
    for number in range(1000):  # one in eleven
        assert allowed.breakers() == CLOSED
        allowed.take(() if number % 11 == 10 else None)


def test_after_an_hour_and_a_hundred_payments_a_process_forgets() -> None:
    found = own(40, 20, NOW - timedelta(hours=2))
    for ago in (50, 20, 0):
        for _ in range(50):
            found.note(NOW - timedelta(minutes=ago), 2, None)
    assert found.begin(2, NOW).breakers() == CLOSED
    assert own(40, 20, NOW - timedelta(hours=2)).begin(2, NOW).breakers() == OpenBreakers(version=True)


def test_what_was_closed_by_hand_is_counted_anew_once() -> None:
    found = own(40, 20)
    found.close(None)
    assert found.begin(2, NOW).breakers()
    found.close("2026-11-24T10:30:00Z")
    assert not found.begin(2, NOW).breakers()
    for _ in range(10):
        found.note(NOW, 2, ())
    found.close("2026-11-24T10:30:00Z")
    assert found.begin(2, NOW).breakers()
