"""The policies in force, one for each event type that has its own."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from fraudshield.event_type.event_type import EventType
from fraudshield.event_type.in_force import InForce, ModelPointer
from fraudshield.policy.in_force import ActivePolicy
from fraudshield.policy.owner import PAYMENT, Owners, owners_of_type
from fraudshield.policy.policy import Policy
from fraudshield.policy.port import PolicyStore

NO_MODEL = ModelPointer()


class ActivePolicies:
    """The `Policies` port: what each is made by `make` when it is first asked for, and kept."""

    def __init__(self, make: Callable[[Owners], ActivePolicy]) -> None:
        self._make = make
        self._known: dict[Owners, ActivePolicy] = {}

    def of(self, owners: Owners = PAYMENT) -> ActivePolicy:
        """The policy of the first of these event types that has one, else version 1 as the product has it."""
        if owners not in self._known:
            self._known[owners] = self._make(owners)
        return self._known[owners]


def nothing_decides(event_type: EventType, policies: ActivePolicies, in_force: InForce) -> bool:
    """Whether all payments of a type are approved: it has no model, and its policy no rule that holds one up.

    Raises StoreUnavailable.
    """
    return (
        not event_type.is_payment
        and not in_force.models.get(event_type.name, NO_MODEL).version
        and not policies.of(owners_of_type(event_type)).newest().asked(datetime.now(UTC)).can_raise
    )


@dataclass(frozen=True, slots=True)
class WrittenVersions:
    """The `PolicyVersions` port with drafts: what may be tried, and not what decides."""

    store: PolicyStore
    active: ActivePolicy

    def version(self, number: int) -> Policy | None:
        """A draft, or a version that decides or did. Raises StoreUnavailable."""
        return self.store.draft(number) or self.active.version(number)
