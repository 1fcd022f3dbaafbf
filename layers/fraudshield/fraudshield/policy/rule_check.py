"""Checking an expression before it is a rule's, and trying it on a payment."""

from collections.abc import Collection
from datetime import datetime
from typing import Annotated, Any, NotRequired

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from typing_extensions import TypedDict

from fraudshield.errors import Malformed
from fraudshield.event_type.event_type import EventType, TypeName
from fraudshield.event_type.payment import NAME
from fraudshield.expression.reading import NotEvaluated
from fraudshield.policy.checked_rules import checked_rules
from fraudshield.policy.example import facts_of
from fraudshield.policy.judgement import judge
from fraudshield.policy.outcome import Outcome
from fraudshield.policy.rule import ExampleNumber, Rule, RuleExample
from fraudshield.policy.rule_set import RuleSet
from fraudshield.policy.rule_text import texts_with_values
from fraudshield.policy.when import MOST_CHARACTERS
from fraudshield.text.fault import read_object
from fraudshield.text.schema import one_of

CODE = "checked"
Expression = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=MOST_CHARACTERS)]


class CheckRequest(BaseModel):
    """An expression, and a payment to try it on with the values of aggregates, the risk and what lists hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    event_type: TypeName = NAME
    when: Expression
    transaction: dict[str, Any] | None = None
    values: dict[str, ExampleNumber] = Field(default_factory=dict)
    risk: Annotated[ExampleNumber | None, Field(ge=0, le=1)] = None
    lists: dict[str, tuple[str, ...]] = Field(default_factory=dict)


class CheckResponse(TypedDict):
    """What an expression names. With a transaction also whether it holds, and what was missing where nobody knows."""

    fields: list[str]
    aggregates: list[str]
    lists: list[str]
    risk: bool
    text: str
    state: NotRequired[Annotated[str, one_of("held", "not_held", "not_evaluated")]]
    text_with_values: NotRequired[str]
    why: NotRequired[str]


def read_check(body: object) -> CheckRequest:
    """`{"when": "...", "transaction": {...}}`. Raises Malformed, InvalidInput."""
    return read_object(body, CheckRequest, "when", "The expression is not valid", "invalid_expression")


def checked(sent: CheckRequest, event_type: EventType, lists: Collection[str], at: datetime) -> CheckResponse:
    """Raises InvalidInput: the expression has faults, each with its place, or the transaction is none of the type."""
    rule = Rule(code=CODE, outcome=Outcome.REVIEW, when=sent.when)
    rules = RuleSet((rule,), checked_rules({"": (rule,)}, event_type, lists))
    [(_, expression)] = rules.tests
    if expression is None:
        raise Malformed("Expected an expression")
    names = expression.names
    found: CheckResponse = {
        "fields": sorted(names.fields),
        "aggregates": sorted(names.aggregates),
        "lists": sorted({one.list_name for one in names.lists}),
        "risk": names.risk,
        "text": sent.when,
    }
    if sent.transaction is None:
        return found
    example = RuleExample(
        transaction=sent.transaction, outcome=Outcome.REVIEW, values=sent.values, risk=sent.risk, lists=sent.lists
    )
    facts = facts_of(example, rules.names, event_type, at)
    findings = judge(rules, facts)
    missing = findings[0].missing if findings else None
    found["state"] = "not_held" if not findings else "held" if missing is None else "not_evaluated"
    found["text_with_values"] = texts_with_values(rules, facts)[CODE]
    if isinstance(missing, NotEvaluated):
        found["why"] = missing.detail
    return found
