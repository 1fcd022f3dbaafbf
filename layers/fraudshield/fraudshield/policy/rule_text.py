"""What a rule says, with the values that it read: made anew from the version and the payment, and kept nowhere."""

from collections.abc import Collection
from decimal import Decimal

from fraudshield.expression.rendering import MASK
from fraudshield.policy.clause import Clause
from fraudshield.policy.judgement import Facts, values_read
from fraudshield.policy.rule_set import RuleSet
from fraudshield.policy.when import clauses
from fraudshield.text.json_text import json_text


def texts_with_values(rules: RuleSet, facts: Facts, masked: Collection[str] = ()) -> dict[str, str]:
    """The text of each rule by its code, as in `amount=1200.50 > 1000`; names in `masked` show no value."""
    values = values_read(rules, facts)
    return {
        rule.code: expression.text_with_values(values, masked)
        if expression
        else " && ".join(_clause(clause, facts, masked) for clause in clauses(rule.when))
        for rule, expression in rules.tests
    }


def _clause(clause: Clause, facts: Facts, masked: Collection[str]) -> str:
    value = clause.value(facts.transaction, facts.velocity)
    shown = MASK if clause.field in masked else "missing" if value is None else _spelled(value)
    if clause.any_of is not None:
        return f"{clause.field}={shown} in {json_text(list(clause.any_of))}"
    bounds = {">=": clause.at_least, "<=": clause.at_most}
    return " && ".join(
        f"{clause.field}={shown} {sign} {bound:f}" for sign, bound in bounds.items() if bound is not None
    )


def _spelled(value: object) -> str:
    return format(value, "f") if isinstance(value, Decimal) else json_text(value)
