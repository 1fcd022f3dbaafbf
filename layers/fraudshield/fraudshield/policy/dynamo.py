"""Policy versions in DynamoDB: a table of their own, by name and version."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fraudshield.audit.audit import AuditEntry
from fraudshield.audit.dynamo import DynamoAuditLog
from fraudshield.aws import client
from fraudshield.dynamo.call import BoundedCalls
from fraudshield.dynamo.document import VersionedDocument
from fraudshield.errors import PolicyConflict
from fraudshield.policy.policy import Policy

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

POLICY_NAME = "policy"


@dataclass(frozen=True, slots=True)
class DynamoPolicyStore:
    """The `PolicyStore` port on one table."""

    table: str
    calls: BoundedCalls
    audit: DynamoAuditLog

    def newest(self) -> Policy | None:
        """Queries one item."""
        return self._versions.newest()

    def version(self, number: int) -> Policy | None:
        """Gets one item."""
        return self._versions.version(number)

    def add(self, policy: Policy, entry: AuditEntry | None = None) -> None:
        """Writes on the condition that the version is free."""
        self._versions.add(policy.version, policy, *([self.audit.put(entry)] if entry else []))

    @property
    def _versions(self) -> VersionedDocument[Policy]:
        return VersionedDocument(self.table, self.calls, client.dynamodb, _key, Policy, "policy", PolicyConflict)


def _key(version: int) -> "Item":
    return {"name": {"S": POLICY_NAME}, "version": {"N": str(version)}}
