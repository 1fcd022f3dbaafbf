"""The payments that are held for review, in DynamoDB: the part of the queue's index whose outcome is review."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from fraudshield.aws.client import dynamodb
from fraudshield.dynamo.call import BoundedCalls
from fraudshield.dynamo.page import pages, through
from fraudshield.dynamo.record import attributes
from fraudshield.event_type.payment import NAME
from fraudshield.review.overdue import OpenReview
from fraudshield.transaction.dynamo import OF_BUILT_IN
from fraudshield.transaction.dynamo_own import EVENT_TYPE

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

MOST_PAGES = 20  # of five hundred: up to 500 read units a look
ROWS = 500


@dataclass(frozen=True, slots=True)
class DynamoOpenReviews:
    """Implements the `HeldReviews` port on one table."""

    table: str
    calls: BoundedCalls

    def held(self) -> Iterator[OpenReview]:
        asked: dict[str, Any] = {
            "TableName": self.table,
            "IndexName": "by_loss",
            "KeyConditionExpression": "review_queue = :review",
            "ExpressionAttributeNames": {"#type": OF_BUILT_IN},
            "ExpressionAttributeValues": attributes({":review": "review"}),
            "ProjectionExpression": f"decided_at, {EVENT_TYPE}, #type",
            "ScanIndexForward": False,
            "Limit": ROWS,
        }
        read = through(self.calls, dynamodb().query)
        for page in islice(pages(read, asked), MOST_PAGES):
            yield from map(_open, page)


def _open(item: "Item") -> OpenReview:
    event_type = item[EVENT_TYPE]["S"] if EVENT_TYPE in item else NAME
    return OpenReview(datetime.fromisoformat(item["decided_at"]["S"]), event_type, OF_BUILT_IN in item)
