"""The policy in force as it is shown."""

from typing import Any, NotRequired

from typing_extensions import TypedDict

from fraudshield.policy.named_field import NamedFields
from fraudshield.policy.policy import Control, Limits, Policy
from fraudshield.policy.rule import Condition, Rule
from fraudshield.policy.threshold import CategoryThresholds, Thresholds
from fraudshield.text.schema import Moment


class PolicyResponse(TypedDict):
    """A version of the policy. `conditions` are those of its `rules` that can be said so, for old clients."""

    thresholds: Thresholds
    conditions: list[Condition]
    rules: list[Rule]
    by: NotRequired[CategoryThresholds]
    limits: NotRequired[Limits]
    control: NotRequired[Control]
    note: str
    review_within: NotRequired[str]
    review_budget: NotRequired[float]
    version: int
    names: NotRequired[NamedFields]
    created_at: Moment | None
    created_by: str
    actor: NotRequired[str]


def policy_response(policy: Policy) -> dict[str, Any]:
    """A version, with its rules as conditions where they can be said so."""
    written = policy.model_dump()
    return {
        "thresholds": written.pop("thresholds"),
        "conditions": [rule.model_dump() for rule in policy.conditions],
        "rules": [rule.model_dump() for rule in policy.rules],
        **{name: value for name, value in written.items() if name not in ("conditions", "rules")},
    }
