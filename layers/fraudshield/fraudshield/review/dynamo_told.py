"""How far the topic of closed reviews has been told, as one item of the table of health checks."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from fraudshield.aws.client import dynamodb
from fraudshield.dynamo.call import BoundedCalls
from fraudshield.dynamo.record import attributes, from_attributes
from fraudshield.dynamo.write import if_allowed

KEY = {"series": "reviews", "at": "told"}


@dataclass(frozen=True, slots=True)
class DynamoToldPosition:
    """Implements the `ToldPosition` port on one table."""

    table: str
    calls: BoundedCalls

    def read(self) -> Sequence[str]:
        get = partial(dynamodb().get_item, TableName=self.table, Key=attributes(KEY), ConsistentRead=True)
        found = self.calls.one(get)
        return [] if "Item" not in found else list(from_attributes(found["Item"])["position"])

    def note(self, before: Sequence[str], position: Sequence[str]) -> bool:
        """Two runs that overlap tell the same; only one of them goes on."""
        return self.calls.one(partial(self._note, before, position))

    def _note(self, before: Sequence[str], position: Sequence[str]) -> bool:
        asked: dict[str, Any] = {
            "TableName": self.table,
            "Item": attributes({**KEY, "position": list(position)}),
            "ConditionExpression": "#position IN (:before, :after)" if before else "attribute_not_exists(#position)",
            "ExpressionAttributeNames": {"#position": "position"},
        }
        if before:
            values = {":before": list(before), ":after": list(position)}
            asked["ExpressionAttributeValues"] = attributes(values)
        return if_allowed(lambda: dynamodb().put_item(**asked)) is not None
