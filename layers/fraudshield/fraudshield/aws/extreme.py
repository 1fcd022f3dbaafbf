"""Smallest and largest: they cannot be added up, but writing one again changes nothing, so they need no transaction."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.aws import clients
from fraudshield.aws.conditional import if_allowed
from fraudshield.aws.record import attributes
from fraudshield.errors import StoreUnavailable
from fraudshield.extremes import Extremes
from fraudshield.series import EXTREME

if TYPE_CHECKING:
    pass


@dataclass(frozen=True, slots=True)
class ExtremeStore:
    """On the aggregates table: series `extreme`, a bucket for each source. Remembers what it has written itself."""

    table: str
    known: dict[tuple[str, str], Any] = field(default_factory=dict)

    def extend(self, found: Extremes) -> None:
        """Safe to repeat. Raises StoreUnavailable."""
        for name, value, grows in _bounds(found):
            before = self.known.get((found.source, name))
            if before is None or (value > before if grows else value < before):
                self._keep(found.source, name, value, grows)
                self.known[found.source, name] = value

    def _keep(self, source: str, name: str, value: Any, grows: bool) -> None:
        try:
            if_allowed(partial(self._write, source, name, value, grows))  # refused where it is further already
        except (BotoCoreError, ClientError) as exc:
            raise StoreUnavailable(f"An extreme was not written: {type(exc).__name__}") from exc

    def _write(self, source: str, name: str, value: Any, grows: bool) -> None:
        clients.counting_dynamodb().update_item(
            TableName=self.table,
            Key=attributes({"series": EXTREME, "bucket": source}),
            UpdateExpression="SET #name = :value",
            ConditionExpression=f"attribute_not_exists(#name) OR #name {'<' if grows else '>'} :value",
            ExpressionAttributeNames={"#name": name},
            ExpressionAttributeValues=attributes({":value": value}),
        )


def _bounds(found: Extremes) -> Iterator[tuple[str, Any, bool]]:
    yield "least", found.amount, False
    yield "most", found.amount, True
    yield "earliest", found.occurred_at, False
    yield "latest", found.occurred_at, True
