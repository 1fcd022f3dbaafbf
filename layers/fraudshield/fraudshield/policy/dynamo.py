"""Policy versions in DynamoDB: a table of their own, by name and version."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from fraudshield.audit.audit import AuditEntry
from fraudshield.audit.dynamo import DynamoAuditLog
from fraudshield.aws import client
from fraudshield.budget import STORE_S
from fraudshield.dynamo.call import BoundedCalls
from fraudshield.dynamo.document import VersionedDocument
from fraudshield.errors import PolicyConflict, StoreUnavailable
from fraudshield.event_type.payment import NAME
from fraudshield.policy.owner import PAYMENT, Owners
from fraudshield.policy.policy import Policy

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

POLICY_NAME = "policy"  # of the built-in type's


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

    def newest(self) -> Policy | None:
        """Queries one item for each event type, all at the same time."""
        every = self._versions
        client.dynamodb()  # made before the clock starts
        found = self.calls.each([one.query(1) for one in every], time.monotonic() + STORE_S)
        for one, items in zip(every, found, strict=True):
            if isinstance(items, StoreUnavailable):
                raise items
            if newest := one.read(items):
                return newest[0]
        return None

    def version(self, number: int) -> Policy | None:
        """Gets one item, of the next event type where there is none."""
        return next(filter(None, (one.version(number) for one in self._versions)), None)

    def add(self, policy: Policy, entry: AuditEntry | None = None) -> None:
        """Writes on the condition that the version is free."""
        self._versions[0].add(policy.version, policy, *([self.audit.put(entry)] if entry else []))

    @property
    def _versions(self) -> Sequence[VersionedDocument[Policy]]:
        return [
            VersionedDocument(
                self.table, self.calls, client.dynamodb, partial(_key, owner), Policy, "policy", PolicyConflict
            )
            for owner in self.owners
        ]


def _key(owner: str, version: int) -> "Item":
    name = POLICY_NAME if owner == NAME else f"{POLICY_NAME}#{owner}"
    return {"name": {"S": name}, "version": {"N": str(version)}}
