"""Where the policy in force, its versions and the histories of accounts come from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from fraudshield.audit.audit import AuditEntry
from fraudshield.policy.flagged_share import RiskCount
from fraudshield.policy.order import CLOSED, OpenBreakers
from fraudshield.policy.owner import Owners
from fraudshield.policy.policy import Policy
from fraudshield.policy.velocity import Movements, Side
from fraudshield.transaction.occurrence import Occurrence


@dataclass(frozen=True, slots=True)
class PolicyInForce:
    """The policy to decide by, what was missing when it was looked up, and what of it may not block for now."""

    policy: Policy
    degraded: tuple[str, ...] = ()
    breakers: OpenBreakers = CLOSED


class PolicySource(Protocol):
    """Where the policy in force comes from."""

    def current(self) -> PolicyInForce:
        """Never raises: with the store gone it is the last one known, and says so."""


Reach = Mapping[Side, timedelta]


class VelocitySource(Protocol):
    """What the accounts of a transaction did before it."""

    def histories(self, occurrences: Sequence[Occurrence], reach: Reach) -> list[Movements | None]:
        """One for each, in order, as far back as `reach` says for each side; None where it could not be read in time.

        Never raises. At most `velocity.ROWS` movements a side, the newest; the transaction itself is left out.
        """


class Policies(Protocol):
    """The policies in force of all event types."""

    def of(self, owners: Owners) -> PolicySource:
        """The policy of the first of these event types that has one."""


class PolicyVersions(Protocol):
    """Every version that ever decided."""

    def version(self, number: int) -> Policy | None:
        """None where there is none of this number. Raises StoreUnavailable."""


class PoliciesVersions(Protocol):
    """Every version of every event type's policy."""

    def of(self, owners: Owners) -> PolicyVersions:
        """Those of the first of these event types that has one."""


class RecentRisks(Protocol):
    """The risks of the online payments of the last day."""

    def counts(self, now: datetime) -> Sequence[RiskCount]:
        """How many there were in each band of the risk. Raises StoreUnavailable."""


class PolicyStore(Protocol):
    """All versions of the policy."""

    def newest(self) -> Policy | None:
        """None where none was ever stored. Raises StoreUnavailable."""

    def version(self, number: int) -> Policy | None:
        """None where this one was never stored. Raises StoreUnavailable."""

    def add(self, policy: Policy, entry: AuditEntry | None = None) -> None:
        """Stores a version, with the audit log's entry of it. Version 1, which nobody made, has none.

        Raises PolicyConflict where its version is taken, StoreUnavailable.
        """
