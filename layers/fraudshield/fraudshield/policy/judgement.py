"""Which rules of a policy hold for a payment, and which could not be evaluated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fraudshield.expression.names import RISK
from fraudshield.expression.reading import (
    DIVISION_BY_ZERO,
    MISSING,
    NO_LISTS,
    OVERFLOW,
    Lists,
    NotEvaluated,
    Unread,
    Values,
)
from fraudshield.policy.clause import Clause, Velocity
from fraudshield.policy.outcome import Outcome
from fraudshield.policy.rule import Rule
from fraudshield.policy.rule_set import RuleSet
from fraudshield.policy.velocity import VELOCITY_NAMES
from fraudshield.policy.when import clauses
from fraudshield.transaction.transaction import Transaction
from fraudshield.transaction.value import values_of

# The payment does not say it, or it cannot be worked out of what it says. Anything else is there and was not read.
NOT_SAID = frozenset({MISSING, DIVISION_BY_ZERO, OVERFLOW})


@dataclass(frozen=True, slots=True)
class RuleFinding:
    """A rule that held, or that was not evaluated: `missing` says why then."""

    rule: Rule
    missing: NotEvaluated | None = None

    @property
    def outcome(self) -> Outcome | None:
        """What it gives; None for nothing. `otherwise` counts where something that it needs could not be read."""
        if self.missing is None:
            return self.rule.outcome
        return None if self.missing.code in NOT_SAID else self.rule.otherwise


@dataclass(frozen=True, slots=True)
class Facts:
    """What rules are tested on. `risk` is None without a model; `unread` where velocities could not be read."""

    transaction: Transaction
    occurred_at: datetime
    velocity: Velocity
    risk: float | None = None
    unread: bool = False
    aggregates: Values = field(default_factory=dict, hash=False)
    lists: Lists = field(default_factory=lambda: NO_LISTS, hash=False)


def judge(rules: RuleSet, facts: Facts) -> tuple[RuleFinding, ...]:
    """The rules that hold or were not evaluated, in the policy's order."""
    values = values_read(rules, facts) if rules.reads_expressions else {}
    found: list[RuleFinding] = []
    for rule, expression in rules.tests:
        state = expression.evaluate(values, facts.lists) if expression else _all_hold(clauses(rule.when), facts)
        if state is not False:
            found.append(RuleFinding(rule, state if isinstance(state, NotEvaluated) else None))
    return tuple(found)


def _all_hold(tests: Sequence[Clause], facts: Facts) -> bool | NotEvaluated:
    """Whether every clause holds; not evaluated where only velocities that were not read keep them from it."""
    failed = [clause for clause in tests if not clause.holds(facts.transaction, facts.velocity)]
    if not failed or not facts.unread or any(_was_read(clause, facts) for clause in failed):
        return not failed
    return NotEvaluated("unread", failed[0].field)


def _was_read(clause: Clause, facts: Facts) -> bool:
    return clause.field not in VELOCITY_NAMES or clause.field in facts.velocity


def values_read(rules: RuleSet, facts: Facts) -> Mapping[str, Any]:
    """What expressions read, by name."""
    unread = dict.fromkeys(rules.velocities, Unread()) if facts.unread else {}
    fields = values_of(facts.transaction, facts.occurred_at, rules.names.fields)
    return {**unread, **facts.velocity, **facts.aggregates, RISK: facts.risk, **fields}
