"""Closed reviews in DynamoDB: the verdicts that the index `by_closing` lists, in the order in which they were given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from fraudshield.aws.client import dynamodb
from fraudshield.dynamo.call import BoundedCalls
from fraudshield.dynamo.record import attributes
from fraudshield.review.dynamo_item import CLOSED, closed_of
from fraudshield.review.port import ClosedPage
from fraudshield.review.review import SETTLED_AFTER
from fraudshield.text.timestamp import instant

POSITION = ("closed_at", "transaction_id", "record")


@dataclass(frozen=True, slots=True)
class DynamoClosings:
    """Implements the `Closings` port on one table.

    A verdict is listed when nobody can undo it any more, and has been in the index for long then.
    """

    table: str
    calls: BoundedCalls

    def after(self, position: Sequence[str], most: int, now: datetime) -> ClosedPage:
        dynamodb()  # made before the clock starts
        page = self.calls.one(partial(self._page, position, most, instant(now - SETTLED_AFTER)))
        found = page["Items"]
        last = [found[-1][name]["S"] for name in POSITION] if found else position
        return ClosedPage([closed_of(item) for item in found], last)

    def _page(self, position: Sequence[str], most: int, until: str) -> Any:
        if position and position[0] > until:  # its clock was ahead of ours: DynamoDB refuses such a range
            return {"Items": []}
        asked: dict[str, Any] = {
            "TableName": self.table,
            "IndexName": "by_closing",
            "KeyConditionExpression": "closed_reviews = :closed AND closed_at BETWEEN :from AND :until",
            "ExpressionAttributeValues": attributes(
                {":closed": CLOSED, ":from": position[0] if position else "0", ":until": until}
            ),
            "Limit": most,
        }
        if position:
            asked["ExclusiveStartKey"] = attributes(
                {"closed_reviews": CLOSED, **dict(zip(POSITION, position, strict=True))}
            )
        return dynamodb().query(**asked)
