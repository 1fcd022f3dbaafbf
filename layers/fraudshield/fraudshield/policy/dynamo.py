"""Policies in DynamoDB: versions that have been in force, drafts, and which version decides.

Drafts have keys of their own: whoever looks for the newest version, a release before this one too, never finds one.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from fraudshield.audit.audit import AuditEntry
from fraudshield.audit.dynamo import DynamoAuditLog
from fraudshield.aws import client
from fraudshield.budget import STORE_S
from fraudshield.dynamo.call import BoundedCalls
from fraudshield.dynamo.document import VersionedDocument
from fraudshield.dynamo.write import written
from fraudshield.errors import PolicyConflict, StoreUnavailable
from fraudshield.event_type.dynamo import in_force_within, next_in_force, read_within
from fraudshield.event_type.in_force import BlockShares, InForce, PolicyPointer
from fraudshield.event_type.payment import NAME
from fraudshield.policy.control import new_key
from fraudshield.policy.owner import PAYMENT, Owners
from fraudshield.policy.policy import Policy
from fraudshield.policy.port import Beside, StoredInForce
from fraudshield.text.json_text import json_text

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

    from fraudshield.dynamo.record import Item

POLICY_NAME, DRAFT_NAME = "policy", "policy_draft"  # of the built-in type's
MEANWHILE = "Something else was changed or put in force meanwhile; read it, and send yours again"
NEW = "attribute_not_exists(#name)"
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class DynamoPolicyStore:
    """The `PolicyStore` port on one table, for the policy of the first of some event types that has one.

    What is added is the first one's. Its versions go on from where it went by another's, so that a number means one
    policy: an earlier one is found with whoever had it.
    """

    table: str
    calls: BoundedCalls
    audit: DynamoAuditLog
    owners: Owners = PAYMENT
    beside: Beside | None = None

    def active(self, known: Policy | None = None) -> StoredInForce:
        stop_at = time.monotonic() + STORE_S
        in_force = self._in_force(stop_at)
        breaker = in_force.breakers.get(self.owners[0])
        for owner in self.owners:
            if (pointer := in_force.policies.get(owner)) is None:
                newest = self._versions(owner).read(self._within(self._versions(owner).query(1), stop_at))
                if newest:
                    return StoredInForce(newest[0], None, breaker)
                continue
            same = known is not None and (known.version, known.digest) == (pointer.version, pointer.digest)
            decides = known if same else self._pointed(pointer, stop_at)
            return StoredInForce(decides, pointer.blocks, breaker, pointer.control_key)
        return StoredInForce(breaker=breaker)

    def version(self, number: int) -> Policy | None:
        return next(filter(None, (self._versions(one).version(number) for one in self.owners)), None)

    def draft(self, number: int) -> Policy | None:
        return self._drafts.version(number)

    def versions(self, before: int | None, most: int) -> list[Policy]:
        for owner in self.owners:
            if found := self._versions(owner).versions(most, before):
                return found
        return []

    def drafts(self, most: int) -> list[Policy]:
        return self._drafts.versions(most)

    def before(self) -> tuple[int, ...]:
        pointer = self._in_force(time.monotonic() + STORE_S).policies.get(self.owners[0])
        if pointer is not None:
            return pointer.before
        return tuple(one.version for one in self._versions(self.owners[0]).versions(2)[1:])

    def add(self, policy: Policy) -> None:
        self._versions(self.owners[0]).add(policy.version, policy)

    def put_in_force(
        self,
        policy: Policy,
        replaced: Policy,
        entry: AuditEntry,
        draft: Policy | None = None,
        shares: BlockShares | None = None,
    ) -> None:
        control_key = new_key(policy.control)

        def next_pointer(now: PolicyPointer | None) -> PolicyPointer:
            if (now.version if now else self._newest_number()) not in (None, replaced.version):
                raise PolicyConflict(MEANWHILE)
            before = now or PolicyPointer(version=replaced.version, digest=replaced.digest)
            return before.next(policy.version, policy.digest, shares, control_key)

        key = _key(POLICY_NAME, self.owners[0], policy.version)
        body: Item = {"body": {"S": _body(policy)}}
        same = f"{NEW} OR body = :body"
        put = _put(self.table, {**key, **body}, same, {":body": body["body"]})
        twin = _key(DRAFT_NAME, self.owners[0], policy.version)
        gone = _absent(self.table, twin) if draft is None else _delete(self.table, twin, draft.digest)
        self._point(next_pointer, policy, [put, gone, self.audit.put(entry)])

    def take_back(
        self, policy: Policy, before: Sequence[int], entry: AuditEntry, shares: BlockShares | None = None
    ) -> None:
        pointer = PolicyPointer(
            version=policy.version,
            digest=policy.digest,
            before=tuple(before),
            blocks=shares,
            control_key=new_key(policy.control),
        )

        def next_pointer(now: PolicyPointer | None) -> PolicyPointer:
            if now is not None and now.before != (*before, policy.version):
                raise PolicyConflict(MEANWHILE)
            return pointer

        self._point(next_pointer, policy, [self.audit.put(entry)])

    def put_draft(self, draft: Policy, before: Policy | None, entry: AuditEntry) -> None:
        key = _key(DRAFT_NAME, self.owners[0], draft.version)
        item: Item = {**key, "body": {"S": _body(draft)}, "digest": {"S": draft.digest}}
        twin = _absent(self.table, _key(POLICY_NAME, self.owners[0], draft.version))
        put = _put(self.table, item, NEW, {})
        if before is not None:
            put = _put(self.table, item, "digest = :digest", {":digest": {"S": before.digest}})
        done = self.calls.one(partial(written, [put, twin, self.audit.put(entry)]))
        if not done and self.draft(draft.version) != draft:
            raise PolicyConflict(MEANWHILE)

    def remove_draft(self, draft: Policy, entry: AuditEntry) -> None:
        gone = _delete(self.table, _key(DRAFT_NAME, self.owners[0], draft.version), draft.digest)
        if not self.calls.one(partial(written, [gone, self.audit.put(entry)])) and self.draft(draft.version):
            raise PolicyConflict(MEANWHILE)

    def _point(
        self,
        next_pointer: "Callable[[PolicyPointer | None], PolicyPointer]",
        policy: Policy,
        writes: "Sequence[TransactWriteItemTypeDef]",
    ) -> None:
        """Puts a version in force with all other writes or not at all; whoever else changes what is in force waits."""
        owner = self.owners[0]
        in_force = self._in_force(time.monotonic() + STORE_S)
        pointer = next_pointer(in_force.policies.get(owner))
        changed = in_force.with_policy(owner, pointer)
        if self.beside is not None:
            changed = self.beside.change(changed).model_copy(update={"revision": changed.revision})
            writes = [*writes, self.audit.put(self.beside.entry)]
        point: Any = {"Put": next_in_force(self.table, changed)}
        if self.calls.one(partial(written, [point, *writes])):
            return
        now = self._in_force(time.monotonic() + STORE_S).policies.get(owner)
        if now != pointer or self.version(policy.version) != policy:  # else the response was lost
            raise PolicyConflict(MEANWHILE)

    def _newest_number(self) -> int | None:
        newest = self._versions(self.owners[0]).newest()
        return None if newest is None else newest.version

    def _pointed(self, pointer: PolicyPointer, stop_at: float) -> Policy:
        """The version that decides: of the first event type that had one of this number."""
        keys = [_key(POLICY_NAME, owner, pointer.version) for owner in self.owners]
        found = read_within(self.calls, self.table, keys, stop_at - time.monotonic())
        items = [one for one in found if one is not None]
        if not items:
            raise StoreUnavailable(f"Version {pointer.version} of the policy, which is in force, is not stored")
        return self._versions(self.owners[0]).read_one(items[0])

    def _in_force(self, stop_at: float) -> InForce:
        return in_force_within(self.calls, self.table, stop_at)

    def _within(self, call: "Callable[[], Answer]", stop_at: float) -> "Answer":
        [found] = self.calls.each([call], stop_at)
        if isinstance(found, StoreUnavailable):
            raise found
        return found

    def _versions(self, owner: str) -> VersionedDocument[Policy]:
        return self._documents(POLICY_NAME, owner)

    @property
    def _drafts(self) -> VersionedDocument[Policy]:
        return self._documents(DRAFT_NAME, self.owners[0])

    def _documents(self, kind: str, owner: str) -> VersionedDocument[Policy]:
        key = partial(_key, kind, owner)
        return VersionedDocument(self.table, self.calls, client.dynamodb, key, Policy, "policy", PolicyConflict)


def _key(kind: str, owner: str, version: int) -> "Item":
    return {"name": {"S": kind if owner == NAME else f"{kind}#{owner}"}, "version": {"N": str(version)}}


def _body(policy: Policy) -> str:
    return json_text(policy.model_dump(exclude_none=True))


def _put(table: str, item: "Item", condition: str, values: "Item") -> "TransactWriteItemTypeDef":
    named: Any = {"ExpressionAttributeValues": values} if values else {}
    if NEW in condition:
        named["ExpressionAttributeNames"] = {"#name": "name"}
    put: Any = {"TableName": table, "Item": item, "ConditionExpression": condition, **named}
    return {"Put": put}


def _absent(table: str, key: "Item") -> "TransactWriteItemTypeDef":
    names = {"#name": "name"}
    check: Any = {"TableName": table, "Key": key, "ConditionExpression": NEW, "ExpressionAttributeNames": names}
    return {"ConditionCheck": check}


def _delete(table: str, key: "Item", digest: str) -> "TransactWriteItemTypeDef":
    values: Item = {":digest": {"S": digest}}
    condition = "digest = :digest"
    delete: Any = {
        "TableName": table,
        "Key": key,
        "ConditionExpression": condition,
        "ExpressionAttributeValues": values,
    }
    return {"Delete": delete}
