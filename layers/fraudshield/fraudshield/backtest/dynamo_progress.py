"""How far drafts in shadow have come, and their sums, in the table of counts.

Series `shadow#<digest>`: a bucket for each day's totals, and one for each day and value of an entity of which some
payment was not approved by both. Series `shard#shadow#<shard>` has the checkpoints.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.analytics.dynamo_shard import Checkpoint, Commit, ShardLog, additions
from fraudshield.analytics.series import Counts
from fraudshield.aws import client
from fraudshield.budget import LIST_S
from fraudshield.dynamo.call import BoundedCalls
from fraudshield.dynamo.page import pages, through
from fraudshield.dynamo.record import attributes, from_attributes
from fraudshield.dynamo.write import cancellation_reasons
from fraudshield.errors import StoreUnavailable

KEY = {"series", "bucket", "expires_at"}


@dataclass(frozen=True, slots=True)
class DynamoShadowCheckpoints:
    """The `ShadowCheckpoints` port, on the table of counts."""

    table: str
    log: ShardLog

    def through(self, shard: str) -> int:
        return self._checkpoint(shard).through

    def commit(self, shard: str, last: int, counts: Counts) -> bool:
        checkpoint = self._checkpoint(shard)
        if checkpoint.through >= last:
            return False
        mark, _ = self.log.move_on(_own(shard), checkpoint, Commit(last, last, {}))
        try:
            client.counting_dynamodb().transact_write_items(TransactItems=[mark, *additions(self.table, counts)])
        except (BotoCoreError, ClientError) as exc:
            if cancellation_reasons(exc) or not isinstance(exc, ClientError):  # it may have been written
                return False
            raise StoreUnavailable(f"What drafts in shadow decide was not counted: {type(exc).__name__}") from exc
        return True

    def _checkpoint(self, shard: str) -> Checkpoint:
        return self.log.checkpoint(_own(shard))


@dataclass(frozen=True, slots=True)
class DynamoShadowSums:
    """The `ShadowSums` port, on the table of counts."""

    table: str
    calls: BoundedCalls

    def counts(self, series: str) -> Iterator[tuple[str, Mapping[str, Decimal]]]:
        """Raises StoreUnavailable: also where there is more than can be read in the time of a call."""
        stop_at = time.monotonic() + LIST_S
        asked: dict[str, Any] = {
            "TableName": self.table,
            "KeyConditionExpression": "series = :series",
            "ExpressionAttributeValues": attributes({":series": series}),
        }
        for page in pages(through(self.calls, client.patient_dynamodb().query), asked):
            for item in page:
                counters = {name: value for name, value in from_attributes(item).items() if name not in KEY}
                yield item["bucket"]["S"], counters
            if time.monotonic() > stop_at:
                raise StoreUnavailable("There is more in shadow than can be read at once; test it on history")


def _own(shard: str) -> str:
    return f"shadow#{shard}"
