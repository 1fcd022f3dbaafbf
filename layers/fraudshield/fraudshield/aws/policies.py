"""Policy versions in DynamoDB: one item each, never changed."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import ValidationError

from fraudshield import strict_json
from fraudshield.aws import clients
from fraudshield.aws.bounded import BoundedCalls
from fraudshield.aws.conditional import put_new
from fraudshield.errors import Malformed, PolicyConflict, StoreUnavailable
from fraudshield.policy import Policy

if TYPE_CHECKING:
    from fraudshield.aws.attribute import Item

POLICY_NAME = "policy"


@dataclass(frozen=True, slots=True)
class DynamoPolicyStore:
    """The `PolicyStore` port on one table."""

    table: str
    calls: BoundedCalls

    def newest(self) -> Policy | None:
        """See the port: one query, one item."""
        client = clients.dynamodb()
        found = self.calls.one(
            lambda: client.query(
                TableName=self.table,
                KeyConditionExpression="#name = :name",
                ExpressionAttributeNames={"#name": "name"},
                ExpressionAttributeValues={":name": {"S": POLICY_NAME}},
                ScanIndexForward=False,
                ConsistentRead=True,
                Limit=1,
            )
        )["Items"]
        return _policy(found[0]) if found else None

    def add(self, policy: Policy) -> None:
        """See the port: conditional on the version being free."""
        self.calls.one(lambda: self._put(policy))

    def _put(self, policy: Policy) -> None:
        body = policy.model_dump_json(exclude_none=True)
        item: Item = {"name": {"S": POLICY_NAME}, "version": {"N": str(policy.version)}, "body": {"S": body}}
        stored = put_new(self.table, item, "version")
        if stored is not None and stored["body"] != item["body"]:
            raise PolicyConflict(f"Version {policy.version} of the policy is stored already")


def _policy(item: "Item") -> Policy:
    try:
        return Policy.model_validate(strict_json.parse(item["body"]["S"].encode()))
    except (ValidationError, Malformed) as exc:  # such as one that a newer release wrote, after a roll-back
        raise StoreUnavailable(f"Version {item['version']['N']} of the policy cannot be read by this release") from exc
