"""The policy in force, remembered for a minute so that scoring does not read it each time."""

import time
from collections.abc import Callable, Collection
from datetime import datetime

from fraudshield.audit.audit import AuditEntry, Author, digest
from fraudshield.budget import POLICY_CACHE_S
from fraudshield.errors import PolicyConflict, StoreUnavailable
from fraudshield.event_type.event_type import EventType
from fraudshield.event_type.payment import BUILT_IN
from fraudshield.policy.checked_rules import checked_change, checked_rules
from fraudshield.policy.flagged_share import check_share
from fraudshield.policy.policy import Policy, PolicyChange, PolicyRules
from fraudshield.policy.port import PolicyInForce, PolicyStore, RecentRisks


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

    def current(self) -> PolicyInForce:
        """The policy to decide by. With the store gone it is the last one known, marked as such."""
        if self._clock() < self._fresh_until:
            return PolicyInForce(self._known)
        try:
            return PolicyInForce(self._read(self._hurried))
        except StoreUnavailable:
            return PolicyInForce(self._known, degraded=("policy_unread",))

    def newest(self) -> Policy:
        """The newest stored version, else version 1 as the product has it; read now. Raises StoreUnavailable."""
        return self._read(self._store)

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
            InvalidInput: a condition does not go with the fields of `event_type`.
            FlagsTooMuch: they would flag far too much of it.
            PolicyConflict: `change` was based on another version than the newest.
            StoreUnavailable: nothing is known to have changed; reading the policy tells.
        """
        checked_change(change, event_type, lists)
        newest = self.newest()
        if change.based_on != newest.version:
            raise PolicyConflict(f"The policy is at version {newest.version}, this is based on {change.based_on}")
        if recent is not None and not change.force:
            check_share(change.thresholds, newest.thresholds, recent.counts(at))
        if newest is self._first:
            self._store.add(newest)  # so that every version there was can be read
        said = change.of(newest)
        amended = Policy(
            **{name: getattr(said, name) for name in PolicyRules.model_fields},
            version=newest.version + 1,
            names=checked_rules({"/rules": said.rules}, event_type, lists),
            created_at=at,
            created_by=by.key_id,
            actor=by.actor,
        )
        before, after = digest(newest.model_dump()), digest(amended.model_dump())
        entry = AuditEntry(at, by, "policy", "changed", event_type.name, before, after, amended.version)
        self._store.add(amended, entry)
        return self._remember(amended)

    def _read(self, store: PolicyStore) -> Policy:
        return self._remember(store.newest() or self._first)

    def _remember(self, policy: Policy) -> Policy:
        self._known = policy
        self._fresh_until = self._clock() + POLICY_CACHE_S
        return policy
