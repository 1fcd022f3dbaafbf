"""The decisions of a file's rows, and the job's summary, in DynamoDB."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.analytics.dynamo_progress import ExtremeStore
from fraudshield.analytics.dynamo_shard import additions
from fraudshield.analytics.extremes import Extremes
from fraudshield.analytics.series import BATCH, Bucket, Counts
from fraudshield.aws import client
from fraudshield.batch.tally import Summary, Tally
from fraudshield.budget import BREAKER_S
from fraudshield.dynamo.call import BoundedCalls, retried
from fraudshield.dynamo.record import attributes
from fraudshield.dynamo.write import CONDITION_FAILED, cancellation_reasons
from fraudshield.erasure.erasure import Received, keepable
from fraudshield.erasure.port import Erasures
from fraudshield.errors import StoreUnavailable
from fraudshield.scoring.decision import ScoredTransaction
from fraudshield.scoring.dynamo import put_decided
from fraudshield.scoring.dynamo_item import to_item
from fraudshield.text.timestamp import instant
from fraudshield.transaction.dynamo import same_content

TRIES = 4  # with a breaker's pause in between
TOGETHER_S = 30.0  # for the writes of a block of rows
STORED, KNOWN, CONFLICT = Tally(stored=1), Tally(known=1), Tally(conflicts=1)


@dataclass(frozen=True, slots=True)
class ChunkStore:
    """Stores the decisions of a chunk. By `mark` (its job and number) a retry knows rows it stored itself."""

    table: str
    calls: BoundedCalls
    erasures: Erasures
    mark: str
    retention_days: int = 0

    def keep(self, decided: Sequence[ScoredTransaction]) -> Tally:
        """Stores the decisions and counts their results. Raises StoreUnavailable: retry the chunk then."""
        received = [Received(one.transaction, one.received_at) for one in decided]
        kept = keepable(received, self.erasures)
        wanted = [replace(one, transaction=there) for one, there in zip(decided, kept, strict=True) if there]
        tally = Tally(erased=len(decided) - len(wanted))
        for attempt in range(TRIES):
            if attempt:
                time.sleep(BREAKER_S)
            results = self.calls.each([partial(self._put, one) for one in wanted], time.monotonic() + TOGETHER_S)
            counted = [one for one in results if isinstance(one, Tally)]
            tally += Tally(
                stored=sum(one.stored for one in counted),
                known=sum(one.known for one in counted),
                conflicts=sum(one.conflicts for one in counted),
            )
            wanted = [one for one, result in zip(wanted, results, strict=True) if isinstance(result, StoreUnavailable)]
            if not wanted:
                return tally
        raise StoreUnavailable(f"{len(wanted)} decisions of a file could not be stored")

    def _put(self, scored: ScoredTransaction) -> Tally:
        item = to_item(scored, "batch", self.retention_days) | attributes({"batch_row": self.mark})
        stored = put_decided(self.table, item)
        if stored is None or stored.get("batch_row") == item["batch_row"]:
            return STORED
        return KNOWN if same_content(stored, item) else CONFLICT


MOST_ITEMS = 90  # of one transaction, which may have 100
MARK_DAYS = 400  # longer than any job is tried
PATIENCE_S, PAUSE_S = 10.0, 0.1
MARKS = "job"


@dataclass(frozen=True, slots=True)
class DynamoJobSummaries:
    """The `JobSummaries` port. A summary too large for one transaction is counted in parts, each with its own mark."""

    table: str
    extremes: ExtremeStore

    def add(self, summary: Summary) -> None:
        tally = summary.tally
        if tally.least is not None and tally.most is not None and tally.earliest and tally.latest:
            self.extremes.extend(Extremes(BATCH, tally.least, instant(tally.earliest)))
            self.extremes.extend(Extremes(BATCH, tally.most, instant(tally.latest)))
        for number, counts in enumerate(_parts(summary.counts)):
            self._add([self._mark(summary.job_id, number), *additions(self.table, counts)])

    def _mark(self, job_id: str, part: int) -> Any:
        item = attributes(
            {"series": MARKS, "bucket": f"{job_id}#{part:04d}", "expires_at": int(time.time()) + MARK_DAYS * 86_400}
        )
        return {"Put": {"TableName": self.table, "Item": item, "ConditionExpression": "attribute_not_exists(series)"}}

    def _add(self, writes: list[Any]) -> None:
        write = partial(client.jobs_dynamodb().transact_write_items, TransactItems=writes)
        try:
            retried(write, _may_pass, PAUSE_S, stop_at=time.monotonic() + PATIENCE_S)
        except (BotoCoreError, ClientError) as exc:
            if _may_pass(exc):
                raise StoreUnavailable(f"A job was not counted: {type(exc).__name__}") from exc


def _parts(counts: Counts) -> Iterator[Counts]:
    """Cuts the counts into parts, always in the same way."""
    entries: list[tuple[Bucket, Mapping[str, Decimal]]] = sorted(counts.items())
    for start in range(0, len(entries), MOST_ITEMS):
        yield dict(entries[start : start + MOST_ITEMS])


def _may_pass(exc: BotoCoreError | ClientError) -> bool:
    """Whether to retry: yes, unless the mark exists, whose write is the first."""
    return cancellation_reasons(exc)[:1] != [CONDITION_FAILED]
