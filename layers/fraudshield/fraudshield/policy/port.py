"""Where the policy in force, its versions and the histories of accounts come from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from fraudshield.audit.audit import AuditEntry
from fraudshield.event_type.in_force import BlockShares, BreakerState, InForce
from fraudshield.policy.control import ControlDraw
from fraudshield.policy.flagged_share import RiskCount
from fraudshield.policy.limit.limit import UNTESTED, BlockLimits
from fraudshield.policy.limit.own import OwnBlocks
from fraudshield.policy.order import CLOSED, OpenBreakers
from fraudshield.policy.owner import Owners
from fraudshield.policy.policy import Policy
from fraudshield.policy.velocity import Movements, Side
from fraudshield.transaction.occurrence import Occurrence


@dataclass(frozen=True, slots=True)
class PolicyInForce:
    """The policy to decide by, what was missing when it was looked up, and what of it may not block for now.

    `limits` are what it may block, and `blocks` what this process has blocked by it; `control` draws its
    control share.
    """

    policy: Policy
    degraded: tuple[str, ...] = ()
    breakers: OpenBreakers = CLOSED
    limits: BlockLimits = UNTESTED
    blocks: OwnBlocks = field(default_factory=OwnBlocks, compare=False)
    control: ControlDraw = field(default_factory=ControlDraw, repr=False)


@dataclass(frozen=True, slots=True)
class StoredInForce:
    """The version that decides, with what it may block, its breaker and the key of its control share, as stored."""

    policy: Policy | None = None
    shares: BlockShares | None = None
    breaker: BreakerState | None = None
    control_key: str | None = field(default=None, repr=False)


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


@dataclass(frozen=True, slots=True)
class Beside:
    """What else changes of what is in force when a version is put in force or taken back, in the same write."""

    change: Callable[[InForce], InForce]
    entry: AuditEntry


class PolicyStore(Protocol):
    """All versions of a policy, drafts too. Every method raises StoreUnavailable."""

    def active(self, known: Policy | None = None) -> StoredInForce:
        """The version that decides; `known` itself where that is it.

        Without a pointer to one, as the release before left it, it is the newest. It is never a draft.
        """

    def version(self, number: int) -> Policy | None:
        """A version that decides or did; None where this one never did."""

    def draft(self, number: int) -> Policy | None:
        """None where there is no such draft."""

    def versions(self, before: int | None, most: int) -> Sequence[Policy]:
        """Those that decide or did, newest first; of those `before` a number where one is given."""

    def drafts(self, most: int) -> Sequence[Policy]:
        """The newest drafts, newest first."""

    def before(self) -> tuple[int, ...]:
        """The versions that decided before the one that does, last the one that did until then."""

    def add(self, policy: Policy) -> None:
        """Stores version 1, which nobody made, before another. Raises PolicyConflict where its version is taken."""

    def put_in_force(
        self,
        policy: Policy,
        replaced: Policy,
        entry: AuditEntry,
        draft: Policy | None = None,
        shares: BlockShares | None = None,
    ) -> None:
        """Stores a version, makes it the one that decides and throws away the draft that it was, or does nothing.

        `shares` are what it may block. Raises PolicyConflict where `replaced` does not decide, its version is taken, or
        the draft was changed.
        """

    def take_back(
        self, policy: Policy, before: Sequence[int], entry: AuditEntry, shares: BlockShares | None = None
    ) -> None:
        """Makes a version decide again that did before those `before` it. Raises PolicyConflict."""

    def put_draft(self, draft: Policy, before: Policy | None, entry: AuditEntry) -> None:
        """Stores a draft in place of what it was `before`. Raises PolicyConflict where that is not what is stored."""

    def remove_draft(self, draft: Policy, entry: AuditEntry) -> None:
        """Throws a draft away. Raises PolicyConflict where it was changed."""
