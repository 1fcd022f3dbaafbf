"""Which lists let payments pass: those that an approve rule in force asks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from fraudshield.event_type.event_type import EventType
from fraudshield.policy.active import ActivePolicies
from fraudshield.policy.outcome import Outcome
from fraudshield.policy.owner import owners_of_type


@dataclass(frozen=True, slots=True)
class TrustedLists:
    """The rules in force of all event types."""

    policies: ActivePolicies
    types: Callable[[], Sequence[EventType]]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def trust(self, name: str) -> bool:
        """Whether some approve rule asks the list. Raises StoreUnavailable."""
        at = self.now()
        each = (self.policies.of(owners_of_type(one)).newest().asked(at) for one in self.types())
        return any(
            question.list_name == name
            for rules in each
            for rule, expression in rules.tests
            if expression is not None and rule.outcome is Outcome.APPROVE
            for question in expression.names.lists
        )
