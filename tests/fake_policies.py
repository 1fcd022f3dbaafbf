"""A fake of where a policy's versions are kept."""

from collections.abc import Mapping, Sequence

from fraudshield.audit.audit import AuditEntry
from fraudshield.errors import PolicyConflict, StoreUnavailable
from fraudshield.event_type.in_force import BlockShares, BreakerState
from fraudshield.policy.policy import Policy
from fraudshield.policy.port import StoredInForce


class FakePolicyStore:
    """Versions in a dict; `down` makes every call fail. Without a pointer the newest decides."""

    def __init__(self) -> None:
        self.stored: dict[int, Policy] = {}
        self.drafted: dict[int, Policy] = {}
        self.entries: list[AuditEntry] = []
        self.pointer: tuple[int, ...] = ()  # the version that decides, behind those before it
        self.shares: BlockShares | None = None
        self.breaker: BreakerState | None = None
        self.control_key: str | None = None
        self.reads = 0
        self.down = False

    def active(self, known: Policy | None = None) -> StoredInForce:
        self.reads += 1
        self._up()
        return StoredInForce(self._decides(), self.shares, self.breaker, self.control_key)

    def version(self, number: int) -> Policy | None:
        self._up()
        return self.stored.get(number)

    def draft(self, number: int) -> Policy | None:
        self._up()
        return self.drafted.get(number)

    def versions(self, before: int | None, most: int) -> list[Policy]:
        self._up()
        return _newest(self.stored, before)[:most]

    def drafts(self, most: int) -> list[Policy]:
        self._up()
        return _newest(self.drafted)[:most]

    def before(self) -> tuple[int, ...]:
        self._up()
        return self.pointer[:-1] if self.pointer else tuple(sorted(self.stored))[-2:-1]

    def add(self, policy: Policy) -> None:
        self._up()
        if self.stored.get(policy.version, policy) != policy:
            raise PolicyConflict(f"version {policy.version} is taken")
        self.stored[policy.version] = policy

    def put_in_force(
        self,
        policy: Policy,
        replaced: Policy,
        entry: AuditEntry,
        draft: Policy | None = None,
        shares: BlockShares | None = None,
    ) -> None:
        if self._decides() not in (None, replaced):
            raise PolicyConflict("another version decides")
        self.add(policy)
        self.pointer = (*(self.pointer or (replaced.version,)), policy.version)
        self.entries.append(entry)
        self.shares = shares
        if draft is not None:
            del self.drafted[draft.version]

    def take_back(
        self, policy: Policy, before: Sequence[int], entry: AuditEntry, shares: BlockShares | None = None
    ) -> None:
        self._up()
        self.shares = shares
        self.pointer = (*before, policy.version)
        self.entries.append(entry)

    def put_draft(self, draft: Policy, before: Policy | None, entry: AuditEntry) -> None:
        self._up()
        if self.drafted.get(draft.version) != before:
            raise PolicyConflict("it was changed meanwhile")
        self.drafted[draft.version] = draft
        self.entries.append(entry)

    def remove_draft(self, draft: Policy, entry: AuditEntry) -> None:
        self._up()
        del self.drafted[draft.version]
        self.entries.append(entry)

    def _decides(self) -> Policy | None:
        if self.pointer:
            return self.stored[self.pointer[-1]]
        return self.stored[max(self.stored)] if self.stored else None

    def _up(self) -> None:
        if self.down:
            raise StoreUnavailable("down")


def _newest(versions: Mapping[int, Policy], before: int | None = None) -> list[Policy]:
    return [versions[one] for one in sorted(versions, reverse=True) if before is None or one < before]
