"""Adds the counts of a job to the aggregates, once: a mark for the job and the additions in one transaction."""

import random
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.aws import clients
from fraudshield.aws.extreme import ExtremeStore
from fraudshield.aws.item import instant
from fraudshield.aws.shard_log import additions
from fraudshield.batch.summary import SOURCE, Summary
from fraudshield.errors import StoreUnavailable
from fraudshield.extremes import Extremes
from fraudshield.series import Bucket, Counts

MOST_ITEMS = 90  # of one transaction, which may have 100
MARK_DAYS = 400  # longer than any job is tried
PATIENCE_S, PAUSE_S = 10.0, 0.1
MARKS = "job"
THERE = "ConditionalCheckFailed"


@dataclass(frozen=True, slots=True)
class DynamoJobSummaries:
    """The `JobSummaries` port. What is too much for one transaction is counted in pieces, each with its mark."""

    table: str
    extremes: ExtremeStore

    def add(self, summary: Summary) -> None:
        """See the port."""
        tally = summary.tally
        if tally.least is not None and tally.most is not None and tally.earliest and tally.latest:
            self.extremes.extend(Extremes(SOURCE, tally.least, instant(tally.earliest)))
            self.extremes.extend(Extremes(SOURCE, tally.most, instant(tally.latest)))
        for number, counts in enumerate(_pieces(summary.counts)):
            self._add([self._mark(summary.job_id, number), *additions(self.table, counts)])

    def _mark(self, job_id: str, piece: int) -> Any:
        item = {
            "series": {"S": MARKS},
            "bucket": {"S": f"{job_id}#{piece:04d}"},
            "expires_at": {"N": str(int(time.time()) + MARK_DAYS * 86_400)},
        }
        return {"Put": {"TableName": self.table, "Item": item, "ConditionExpression": "attribute_not_exists(series)"}}

    def _add(self, writes: list[Any]) -> None:
        stop_at = time.monotonic() + PATIENCE_S
        while True:
            try:
                clients.jobs_dynamodb().transact_write_items(TransactItems=writes)
            except (BotoCoreError, ClientError) as exc:
                if _was_there(exc):
                    return
                if time.monotonic() >= stop_at:
                    raise StoreUnavailable(f"A job was not counted: {type(exc).__name__}") from exc
                time.sleep(random.uniform(0, PAUSE_S))  # noqa: S311 spreads those that add to the same counters
            else:
                return


def _pieces(counts: Counts) -> Iterator[Counts]:
    """The same pieces whenever it is asked."""
    entries: list[tuple[Bucket, Mapping[str, Decimal]]] = sorted(counts.items())
    for start in range(0, len(entries), MOST_ITEMS):
        yield dict(entries[start : start + MOST_ITEMS])


def _was_there(exc: Exception) -> bool:
    reasons: Any = exc.response.get("CancellationReasons", []) if isinstance(exc, ClientError) else []
    return bool(reasons) and reasons[0].get("Code") == THERE
