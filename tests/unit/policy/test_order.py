"""The order of steps: thresholds, approve rules, review and block rules, breaker; every combination of them."""

from itertools import product
from typing import Any

import pytest

from fraudshield.expression.reading import NotEvaluated
from fraudshield.policy.judgement import RuleFinding
from fraudshield.policy.order import ALL_OPEN, CLOSED, OpenBreakers, Ruling, Step, in_order, states
from fraudshield.policy.outcome import Outcome
from fraudshield.policy.rule import Rule

APPROVE, REVIEW, BLOCK = Outcome
NO_RULE: list[RuleFinding] = []


def held(outcome: Outcome, code: str = "one", **more: Any) -> RuleFinding:
    return RuleFinding(Rule(code=code, outcome=outcome, when="amount > 1", **more))


EXEMPT = {"limit": "none", "limit_reason": "stolen cards"}
APPROVALS = {"none": NO_RULE, "approve": [held(APPROVE)], "override": [held(APPROVE, overrides_block=True)]}
RAISING = {"none": NO_RULE, "review": [held(REVIEW)], "block": [held(BLOCK)], "exempt": [held(BLOCK, **EXEMPT)]}
BREAKERS = {"closed": CLOSED, "version": ALL_OPEN, "rule": OpenBreakers(rules=frozenset({"one"}))}

# What stands first, which approve rule holds, which rule that raises, which breaker is open; what comes of it by whom.
TABLE = """
approve none     none   *       | approve thresholds
approve none     review *       | review  rules
approve none     block  closed  | block   rules
approve none     block  version | review  breaker
approve none     block  rule    | review  breaker
approve none     exempt *       | block   rules
approve approve  none   *       | approve thresholds
approve approve  review *       | review  rules
approve approve  block  closed  | block   rules
approve approve  block  version | review  breaker
approve approve  block  rule    | review  breaker
approve approve  exempt *       | block   rules
approve override none   *       | approve thresholds
approve override review *       | review  rules
approve override block  closed  | block   rules
approve override block  version | review  breaker
approve override block  rule    | review  breaker
approve override exempt *       | block   rules
review  none     none   *       | review  thresholds
review  none     review *       | review  thresholds
review  none     block  closed  | block   rules
review  none     block  version | review  breaker
review  none     block  rule    | review  breaker
review  none     exempt *       | block   rules
review  approve  none   *       | approve approve_rules
review  approve  review *       | review  rules
review  approve  block  closed  | block   rules
review  approve  block  version | review  breaker
review  approve  block  rule    | review  breaker
review  approve  exempt *       | block   rules
review  override none   *       | approve approve_rules
review  override review *       | review  rules
review  override block  closed  | block   rules
review  override block  version | review  breaker
review  override block  rule    | review  breaker
review  override exempt *       | block   rules
block   none     none   closed  | block   thresholds
block   none     none   version | review  breaker
block   none     none   rule    | block   thresholds
block   none     review closed  | block   thresholds
block   none     review version | review  breaker
block   none     review rule    | block   thresholds
block   none     block  closed  | block   thresholds
block   none     block  version | review  breaker
block   none     block  rule    | block   thresholds
block   none     exempt *       | block   thresholds
block   approve  none   closed  | block   thresholds
block   approve  none   version | review  breaker
block   approve  none   rule    | block   thresholds
block   approve  review closed  | block   thresholds
block   approve  review version | review  breaker
block   approve  review rule    | block   thresholds
block   approve  block  closed  | block   thresholds
block   approve  block  version | review  breaker
block   approve  block  rule    | block   thresholds
block   approve  exempt *       | block   thresholds
block   override none   *       | approve approve_rules
block   override review *       | review  rules
block   override block  closed  | block   rules
block   override block  version | review  breaker
block   override block  rule    | review  breaker
block   override exempt *       | block   rules
"""


def cases() -> dict[tuple[str, str, str, str], tuple[str, str]]:
    found = {}
    for line in TABLE.strip().splitlines():
        before, after = line.split("|")
        first, approving, raising, breaker = before.split()
        outcome, step = after.split()
        for one in BREAKERS if breaker == "*" else [breaker]:
            found[first, approving, raising, one] = outcome, step
    return found


def ruling(first: Outcome, approving: str, raising: str, breaker: str, step: Step = "thresholds") -> Ruling:
    return in_order(first, step, [*APPROVALS[approving], *RAISING[raising]], BREAKERS[breaker])


def test_the_table_has_every_combination_of_the_steps() -> None:
    assert cases().keys() == {*product((one.value for one in Outcome), APPROVALS, RAISING, BREAKERS)}


@pytest.mark.parametrize(("case", "expected"), cases().items(), ids=" ".join)
def test_each_step_may_change_what_stood_and_the_last_that_did_decided(
    case: tuple[str, str, str, str], expected: tuple[str, str]
) -> None:
    found = ruling(Outcome(case[0]), *case[1:])
    assert (found.outcome.value, found.decided_by) == expected
    assert found.limited == (expected[1] == "breaker")


@pytest.mark.parametrize("first", list(Outcome))
def test_a_rule_that_stands_in_for_the_model_is_lowered_and_counts_as_one_that_gave(first: Outcome) -> None:
    found = ruling(first, "none", "none", "closed", "stand_in_rules")
    assert (found.outcome, found.decided_by, found.given) == (first, "stand_in_rules", first)
    lowered = ruling(first, "override", "none", "closed", "stand_in_rules")
    assert (lowered.outcome, lowered.given) == (APPROVE, APPROVE)


def test_the_order_of_rules_in_the_policy_does_not_matter() -> None:
    rules = [held(BLOCK, "b"), held(APPROVE, "a", overrides_block=True), held(REVIEW, "r")]
    assert {in_order(BLOCK, "thresholds", some).outcome for some in (rules, rules[::-1])} == {BLOCK}


@pytest.mark.parametrize(
    ("code", "otherwise", "gives"),
    [
        ("unread", "review", REVIEW),
        ("history_capped", "review", REVIEW),
        ("list_unread", "review", REVIEW),
        ("no_rate", "review", REVIEW),
        ("missing", "review", None),
        ("division_by_zero", "review", None),
        ("unread", None, None),
    ],
)
def test_what_could_not_be_read_counts_as_the_rule_says_and_what_is_missing_never(
    code: str, otherwise: Any, gives: Outcome | None
) -> None:
    rule = Rule(code="one", outcome=BLOCK, when="amount > 1", otherwise=otherwise)
    found = in_order(APPROVE, "thresholds", [RuleFinding(rule, NotEvaluated(code, "device_id"))])
    assert found.outcome is (gives or APPROVE)
    [state] = states([RuleFinding(rule, NotEvaluated(code, "device_id"))], found.outcome)
    assert (state.state, state.counted, state.overruled) == ("not_evaluated", gives, False)
    assert state.why


@pytest.mark.parametrize(
    ("rules", "outcome", "overruled"),
    [
        ([held(APPROVE)], BLOCK, [True]),
        ([held(APPROVE)], APPROVE, [False]),
        ([held(APPROVE), held(REVIEW)], REVIEW, [True, False]),
        ([held(REVIEW)], BLOCK, [False]),
        ([held(BLOCK)], REVIEW, [True]),
    ],
)
def test_a_rule_is_overruled_where_less_came_of_it_than_it_says(
    rules: list[RuleFinding], outcome: Outcome, overruled: list[bool]
) -> None:
    assert [one.overruled for one in states(rules, outcome)] == overruled
