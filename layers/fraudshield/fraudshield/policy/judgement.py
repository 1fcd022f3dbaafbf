"""Which conditions of a policy hold for a payment, and which could not be evaluated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from fraudshield.expression.names import RISK
from fraudshield.expression.reading import NotEvaluated, Unread, Values
from fraudshield.policy.clause import Velocity
from fraudshield.policy.policy import Condition, Outcome, Policy
from fraudshield.transaction.transaction import Transaction
from fraudshield.transaction.value import values_of

State = Literal["held", "not_evaluated"]


@dataclass(frozen=True, slots=True)
class RuleState:
    """An expression that held, or that was not evaluated and so does not hold; `why` says what was missing then."""

    code: str
    outcome: Outcome
    state: State
    why: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The conditions that hold, in the policy's order, and what is to be said of those that are expressions."""

    held: tuple[Condition, ...]
    states: tuple[RuleState, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What conditions are tested on. `risk` is None without a model; `unread` where velocities could not be read."""

    transaction: Transaction
    occurred_at: datetime
    velocity: Velocity
    risk: float | None = None
    unread: bool = False
    aggregates: Values = field(default_factory=dict, hash=False)


def judge(policy: Policy, facts: Facts) -> Judgement:
    """Tests every condition of the policy."""
    values = _values(policy, facts) if policy.expressions else {}
    held: list[Condition] = []
    states: list[RuleState] = []
    for condition in policy.conditions:
        if not isinstance(condition.when, str):
            held += [condition] if _all_hold(condition, facts) else []
            continue
        result = policy.compiled[condition.when].evaluate(values)
        if isinstance(result, NotEvaluated):
            states.append(RuleState(condition.code, condition.outcome, "not_evaluated", result.detail))
        elif result:
            held.append(condition)
            states.append(RuleState(condition.code, condition.outcome, "held"))
    return Judgement(tuple(held), tuple(states))


def _all_hold(condition: Condition, facts: Facts) -> bool:
    clauses: Sequence[Any] = condition.when
    return all(clause.holds(facts.transaction, facts.velocity) for clause in clauses)


def _values(policy: Policy, facts: Facts) -> Mapping[str, Any]:
    unread = dict.fromkeys(policy.velocities, Unread()) if facts.unread else {}
    fields = values_of(facts.transaction, facts.occurred_at, policy.names.fields)
    return {**unread, **facts.velocity, **facts.aggregates, RISK: facts.risk, **fields}
