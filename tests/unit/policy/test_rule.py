"""A rule as data: which settings go together, when it expires, and what of a policy old clients can say."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from fraudshield.errors import InvalidInput
from fraudshield.policy.policy import FIRST_THRESHOLDS, Policy, PolicyChange, read_policy_change
from fraudshield.policy.rule import Rule
from fraudshield.text import strict_json
from fraudshield.text.json_text import json_text
from tests.fakes import NOW

PLAIN: dict[str, Any] = {"code": "large", "outcome": "review", "when": [{"field": "amount", "at_least": 5}]}
SENT: dict[str, Any] = {"based_on": 1, "thresholds": {"review": 0.5, "block": 0.9}}


def rule(**more: Any) -> Rule:
    return Rule.model_validate(PLAIN | more)


def policy(*rules: Rule, **more: Any) -> Policy:
    return Policy(version=2, thresholds=FIRST_THRESHOLDS, rules=rules, **more)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"overrides_block": True}, "rule_setting"),
        ({"outcome": "approve", "otherwise": "review"}, "rule_setting"),
        ({"limit": "none", "limit_reason": "sanctions"}, "rule_setting"),
        ({"control": False}, "rule_setting"),
        ({"outcome": "block", "limit": "none"}, "limit_reason"),
        ({"outcome": "block", "limit_reason": "sanctions"}, "limit_reason"),
        ({"otherwise": "block"}, "enum"),
        ({"expires_at": "tomorrow"}, "rfc3339"),
        ({"more": 1}, "extra_forbidden"),
    ],
    ids=str,
)
def test_a_setting_goes_with_the_outcomes_that_it_means_something_for(more: dict[str, Any], code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        rule(**more)
    assert code in {error["type"] for error in refused.value.errors()} or code == "enum"


def test_a_rule_is_asked_until_the_moment_that_it_expires() -> None:
    made = policy(rule(), rule(code="brief", expires_at=NOW.isoformat()))
    before, after = (made.asked(at) for at in (NOW - timedelta(microseconds=1), NOW))
    assert [[one.code for one in asked.rules] for asked in (before, after)] == [["large", "brief"], ["large"]]
    assert made.asked(NOW + timedelta(days=1)) is after


def test_what_only_an_expired_rule_asks_for_is_not_read() -> None:
    burst = rule(when=[{"field": "origin_count_1h", "at_least": 1}], expires_at=NOW.isoformat())
    assert [len(policy(burst).asked(at).velocities) for at in (NOW - timedelta(1), NOW)] == [1, 0]


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"text": "A large amount"},
        {"expires_at": "2026-12-24T00:00:00Z", "otherwise": "review"},
        {"outcome": "approve", "overrides_block": True},
        {"outcome": "block", "limit": "none", "limit_reason": "sanctions", "control": False},
        {"when": "amount > 5", "examples": [{"transaction": {"amount": 6}, "outcome": "review"}]},
    ],
    ids=str,
)
def test_a_rule_is_read_back_as_it_is_stored(more: dict[str, Any]) -> None:
    made = policy(rule(**more), by={"field": "type", "thresholds": {"TRANSFER": {"review": 0.1, "block": 0.2}}})
    stored = json_text(made.model_dump(exclude_none=True))
    assert Policy.model_validate(strict_json.parse(stored.encode())) == made
    assert made.rules[0].is_condition == (not more)


def test_where_conditions_say_it_all_the_release_before_can_read_it() -> None:
    assert policy(rule()).model_dump()["conditions"] == policy(rule()).model_dump(exclude={"note"})["conditions"]
    assert "rules" not in policy(rule()).model_dump()
    assert "conditions" not in policy(rule(), rule(text="x")).model_dump()
    assert policy(rule()).digest != policy(rule(text="x")).digest == policy(rule(text="x"), note="again").digest


def test_a_change_without_rules_keeps_every_rule_that_no_condition_can_say() -> None:
    kept = (rule(code="a", outcome="approve"), rule(code="b", text="B"), rule(code="c", otherwise="review"))
    by = {"field": "type", "thresholds": {"TRANSFER": {"review": 0.1, "block": 0.2}}}
    before = policy(kept[0], rule(code="old"), *kept[1:], by=by, limits={"block_share": 0.2}, note="mine")
    after = read_policy_change(SENT | {"conditions": [PLAIN | {"code": "new"}]}).of(before)
    assert [one.code for one in after.rules] == ["new", "a", "b", "c"]
    assert (after.by, after.limits, after.note) == (before.by, before.limits, "mine")
    assert (after.thresholds.review, before.thresholds) == (0.5, FIRST_THRESHOLDS)


def test_a_change_with_rules_replaces_them_all_and_says_no_conditions_beside() -> None:
    change: PolicyChange = read_policy_change(SENT | {"rules": [PLAIN | {"text": "A"}]})
    assert [one.text for one in change.of(policy(rule(), rule(text="B"))).rules] == ["A"]
    with pytest.raises(InvalidInput) as refused:
        read_policy_change(SENT | {"rules": [], "conditions": [PLAIN]})
    assert [(one.pointer, one.code) for one in refused.value.faults] == [("/conditions", "conditions_and_rules")]
