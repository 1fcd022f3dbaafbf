"""The rules of a version that are asked at one time, made ready once for all payments of that time."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from fraudshield.expression.expression import Expression, condition
from fraudshield.expression.names import ListQuestion, UsedNames
from fraudshield.policy.named_field import NamedFields
from fraudshield.policy.outcome import Outcome
from fraudshield.policy.rule import Rule
from fraudshield.policy.velocity import VELOCITY_NAMES
from fraudshield.policy.when import clauses


@dataclass(frozen=True)
class RuleSet:
    """Rules in the version's order. `names` are the fields that their expressions name, with their kinds."""

    rules: tuple[Rule, ...]
    names: NamedFields

    @cached_property
    def tests(self) -> Sequence[tuple[Rule, Expression | None]]:
        """Each rule with its expression; None where it has clauses. What was stored compiles: it was checked before."""
        names = self.names.environment()
        return [(rule, condition(rule.when, names) if isinstance(rule.when, str) else None) for rule in self.rules]

    @cached_property
    def reads_expressions(self) -> bool:
        """Whether some rule is an expression."""
        return any(expression for _, expression in self.tests)

    @cached_property
    def velocities(self) -> frozenset[str]:
        """The velocities that some rule asks for: only these are read, and none where none is asked for."""
        return self.fields & VELOCITY_NAMES - self.names.fields.keys()

    @cached_property
    def aggregates(self) -> frozenset[str]:
        """The aggregates that some rule asks for, by name."""
        return self.fields & self.names.aggregates.keys()

    @cached_property
    def lists(self) -> frozenset[ListQuestion]:
        """What the rules ask lists."""
        return frozenset().union(*(one.lists for one in self._used))

    @cached_property
    def fields(self) -> frozenset[str]:
        """All that some rule asks for."""
        of_clauses = (clause.field for one in self.rules for clause in clauses(one.when))
        return frozenset().union(of_clauses, *(one.fields | one.aggregates for one in self._used))

    @cached_property
    def can_raise(self) -> bool:
        """Whether some rule may hold up a payment."""
        return any(rule.outcome is not Outcome.APPROVE for rule in self.rules)

    @property
    def _used(self) -> Sequence[UsedNames]:
        return [expression.names for _, expression in self.tests if expression]
