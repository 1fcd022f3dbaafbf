"""Adds the counts of a job to the aggregates, once: a mark for the job and the additions in one transaction."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.aws import clients
from fraudshield.aws.back_off import retried
from fraudshield.aws.conditional import CONDITION_FAILED, cancellation_reasons
from fraudshield.aws.extreme import ExtremeStore
from fraudshield.aws.record import attributes
from fraudshield.aws.shard_log import additions
from fraudshield.batch.summary import SOURCE, Summary
from fraudshield.errors import StoreUnavailable
from fraudshield.extremes import Extremes
from fraudshield.series import Bucket, Counts
from fraudshield.timestamp import instant

MOST_ITEMS = 90  # of one transaction, which may have 100
MARK_DAYS = 400  # longer than any job is tried
PATIENCE_S, PAUSE_S = 10.0, 0.1
MARKS = "job"


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
        item = attributes(
            {"series": MARKS, "bucket": f"{job_id}#{piece:04d}", "expires_at": int(time.time()) + MARK_DAYS * 86_400}
        )
        return {"Put": {"TableName": self.table, "Item": item, "ConditionExpression": "attribute_not_exists(series)"}}

    def _add(self, writes: list[Any]) -> None:
        write = partial(clients.jobs_dynamodb().transact_write_items, TransactItems=writes)
        try:
            retried(write, _may_pass, PAUSE_S, stop_at=time.monotonic() + PATIENCE_S)
        except (BotoCoreError, ClientError) as exc:
            if _may_pass(exc):
                raise StoreUnavailable(f"A job was not counted: {type(exc).__name__}") from exc


def _pieces(counts: Counts) -> Iterator[Counts]:
    """The same pieces whenever it is asked."""
    entries: list[tuple[Bucket, Mapping[str, Decimal]]] = sorted(counts.items())
    for start in range(0, len(entries), MOST_ITEMS):
        yield dict(entries[start : start + MOST_ITEMS])


def _may_pass(exc: BotoCoreError | ClientError) -> bool:
    """Unless the mark is there, which is the first of the writes."""
    return cancellation_reasons(exc)[:1] != [CONDITION_FAILED]
