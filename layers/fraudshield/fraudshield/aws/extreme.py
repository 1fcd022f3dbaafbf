"""Smallest and largest: they cannot be added up, but writing one again changes nothing, so they need no transaction."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.aws import clients
from fraudshield.errors import StoreUnavailable
from fraudshield.extremes import Extremes
from fraudshield.series import EXTREME

if TYPE_CHECKING:
    from fraudshield.aws.item import Item


@dataclass(frozen=True, slots=True)
class ExtremeStore:
    """On the aggregates table: series `extreme`, a bucket for each source. Remembers what it has written itself."""

    table: str
    known: dict[tuple[str, str], Any] = field(default_factory=dict)

    def extend(self, found: Extremes) -> None:
        """Safe to repeat. Raises StoreUnavailable."""
        for name, value, text, grows in _bounds(found):
            before = self.known.get((found.source, name))
            if before is None or (value > before if grows else value < before):
                self._write(found.source, name, text, grows)
                self.known[found.source, name] = value

    def _write(self, source: str, name: str, value: Any, grows: bool) -> None:
        key: Item = {"series": {"S": EXTREME}, "bucket": {"S": source}}
        try:
            clients.counting_dynamodb().update_item(
                TableName=self.table,
                Key=key,
                UpdateExpression="SET #name = :value",
                ConditionExpression=f"attribute_not_exists(#name) OR #name {'<' if grows else '>'} :value",
                ExpressionAttributeNames={"#name": name},
                ExpressionAttributeValues={":value": value},
            )
        except (BotoCoreError, ClientError) as exc:
            if not _further_already(exc):
                raise StoreUnavailable(f"An extreme was not written: {type(exc).__name__}") from exc


def _bounds(found: Extremes) -> Iterator[tuple[str, Any, Any, bool]]:
    amount, at = {"N": format(found.amount, "f")}, {"S": found.occurred_at}
    yield "least", found.amount, amount, False
    yield "most", found.amount, amount, True
    yield "earliest", found.occurred_at, at, False
    yield "latest", found.occurred_at, at, True


def _further_already(exc: Exception) -> bool:
    return isinstance(exc, ClientError) and exc.response["Error"]["Code"] == "ConditionalCheckFailedException"
