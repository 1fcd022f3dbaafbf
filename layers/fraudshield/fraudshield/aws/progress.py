"""How far the stream has been applied: when the newest change was made that is counted. Series `progress`."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.aws import clients
from fraudshield.aws.conditional import if_allowed
from fraudshield.aws.record import attributes
from fraudshield.errors import StoreUnavailable

if TYPE_CHECKING:
    from fraudshield.aws.attribute import Item

PROGRESS, STREAM = "progress", "stream"


@dataclass(frozen=True, slots=True)
class Progress:
    """On the aggregates table. Remembers what it has written itself."""

    table: str
    known: dict[str, int] = field(default_factory=dict)

    def note(self, at_s: int) -> None:
        """A change of that second (since 1970) is counted. Safe to repeat and out of order. Raises StoreUnavailable."""
        if at_s <= self.known.get(STREAM, 0):
            return
        try:
            if_allowed(partial(self._write, at_s))  # refused where it is further already
        except (BotoCoreError, ClientError) as exc:
            raise StoreUnavailable(f"The progress was not written: {type(exc).__name__}") from exc
        self.known[STREAM] = at_s

    def _write(self, at_s: int) -> None:
        clients.counting_dynamodb().update_item(
            TableName=self.table,
            Key=key(),
            UpdateExpression="SET #at = :at",
            ConditionExpression="attribute_not_exists(#at) OR #at < :at",
            ExpressionAttributeNames={"#at": "at"},
            ExpressionAttributeValues=attributes({":at": at_s}),
        )


def key() -> "Item":
    """Of the item."""
    return attributes({"series": PROGRESS, "bucket": STREAM})


def instant_of(item: "Item | None") -> datetime | None:
    """What the item says; None where nothing was ever counted."""
    return datetime.fromtimestamp(int(item["at"]["N"]), UTC) if item else None
