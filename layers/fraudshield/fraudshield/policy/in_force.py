"""The policy in force, remembered for a minute so that scoring does not read it each time."""

import time
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime

from fraudshield.audit.audit import AuditEntry, Author
from fraudshield.budget import POLICY_CACHE_S
from fraudshield.errors import PolicyConflict, StoreUnavailable
from fraudshield.event_type.event_type import EventType
from fraudshield.event_type.in_force import BlockShares
from fraudshield.event_type.payment import BUILT_IN
from fraudshield.policy.checked_rules import checked_change, checked_rules
from fraudshield.policy.control import ControlDraw
from fraudshield.policy.example import check_examples
from fraudshield.policy.flagged_share import check_share
from fraudshield.policy.limit.breaker import BreakerResponse, breaker_response, limits_of, open_breakers, said_shares
from fraudshield.policy.limit.own import OwnBlocks
from fraudshield.policy.policy import Policy, PolicyChange
from fraudshield.policy.port import PolicyInForce, PolicyStore, RecentRisks, StoredInForce


class ActivePolicy:
    """The policy in force. A change made elsewhere is seen within `POLICY_CACHE_S`, one by `amend` at once.

    `hurried` is the same store for those who decide a payment, and `store` for those who can wait.
    """

    def __init__(
        self,
        store: PolicyStore,
        first: Policy,
        clock: Callable[[], float] = time.monotonic,
        hurried: PolicyStore | None = None,
    ) -> None:
        self._store = store
        self._hurried = hurried or store
        self._first = first
        self._known = first
        self._fresh_until = float("-inf")
        self._clock = clock
        self._stored = StoredInForce()
        self._blocks = OwnBlocks()

    def current(self) -> PolicyInForce:
        """The policy to decide by. With the store gone it is the last one known, marked as such."""
        if self._clock() < self._fresh_until:
            return self._decides()
        try:
            self._read(self._hurried)
        except StoreUnavailable:
            return self._decides("policy_unread")
        return self._decides()

    def newest(self) -> Policy:
        """The version that decides, else version 1 as the product has it; read now. Raises StoreUnavailable."""
        return self._read(self._store)

    def breaker(self, event_type: str) -> BreakerResponse:
        """What of the version that decides may not block for now; read now. Raises StoreUnavailable."""
        self._read(self._store)
        return self.breaker_as_read(event_type)

    def breaker_as_read(self, event_type: str) -> BreakerResponse:
        """The same, as of the last read."""
        return breaker_response(event_type, self._known.version, self._stored.shares, self._stored.breaker)

    def adopt(self, policy: Policy, shares: BlockShares | None = None) -> Policy:
        """Takes what was just put in force for what decides."""
        self._stored = replace(self._stored, shares=shares)
        return self._remember(policy)

    def keep_first(self, active: Policy) -> None:
        """Stores version 1 where that decides and nobody stored it, so that every version there was can be read."""
        if active is self._first:
            self._store.add(active)

    def next_number(self, active: Policy) -> int:
        """The number of the next version or draft. Raises StoreUnavailable."""
        taken = (*self._store.versions(None, 1), *self._store.drafts(1), active)
        return max(one.version for one in taken) + 1

    def version(self, number: int) -> Policy | None:
        """The version of this number, read now; version 1 as the product has it until another was stored.

        Raises StoreUnavailable.
        """
        return self._store.version(number) or (self._first if number == self._first.version else None)

    def amend(
        self,
        change: PolicyChange,
        by: Author,
        at: datetime,
        recent: RecentRisks | None = None,
        event_type: EventType = BUILT_IN,
        lists: Collection[str] = (),
    ) -> Policy:
        """Store the next version, and who made it. Without `force` its thresholds are tried on what `recent` counted.

        `lists` are the names of all lists that there are.

        Raises:
            InvalidInput: a rule does not go with the fields of `event_type`, or one of its examples fails.
            FlagsTooMuch: they would flag far too much of it.
            PolicyConflict: `change` was based on another version than the one that decides.
            StoreUnavailable: nothing is known to have changed; reading the policy tells.
        """
        checked_change(change, event_type, lists)
        newest = self.newest()
        if change.based_on != newest.version:
            raise PolicyConflict(f"The policy is at version {newest.version}, this is based on {change.based_on}")
        if recent is not None and not change.force:
            check_share(change.thresholds, newest.thresholds, recent.counts(at))
        said = change.of(newest)
        amended = Policy(
            **said.content,
            version=self.next_number(newest),
            names=checked_rules({"/rules": said.rules}, event_type, lists),
            created_at=at,
            created_by=by.key_id,
            actor=by.actor,
        )
        check_examples(amended, event_type, at)
        self.keep_first(newest)
        entry = AuditEntry(at, by, "policy", "changed", event_type.name, newest.digest, amended.digest, amended.version)
        shares = said_shares(amended.limits)
        self._store.put_in_force(amended, newest, entry, shares=shares)
        return self.adopt(amended, shares)

    def _decides(self, *degraded: str) -> PolicyInForce:
        found, decides = self._stored, self._known
        self._blocks.close(found.breaker.closed_at if found.breaker else None)
        breakers, limits = open_breakers(found.breaker, decides.version), limits_of(found.shares)
        draw = ControlDraw(found.control_key or "")
        return PolicyInForce(decides, degraded, breakers, limits, self._blocks, draw)

    def _read(self, store: PolicyStore) -> Policy:
        known = None if self._known is self._first else self._known
        self._stored = store.active(known)
        return self._remember(self._stored.policy or self._first)

    def _remember(self, policy: Policy) -> Policy:
        self._known = policy
        self._fresh_until = self._clock() + POLICY_CACHE_S
        return policy
