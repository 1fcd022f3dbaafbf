"""The decisions of a file's rows, and the job's summary, in DynamoDB."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from hashlib import sha256
from itertools import chain
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.analytics.dynamo_progress import ExtremeStore
from fraudshield.analytics.dynamo_shard import additions
from fraudshield.analytics.extremes import Extremes
from fraudshield.analytics.series import BATCH, Bucket, Counts
from fraudshield.aws import client
from fraudshield.batch.result import StoreProgress, StoreProgressFile, unstored_line
from fraudshield.batch.tally import Summary, Tally, counted
from fraudshield.dynamo.attempt import retried
from fraudshield.dynamo.call import PacedCalls
from fraudshield.dynamo.failure import cause
from fraudshield.dynamo.record import attributes
from fraudshield.dynamo.write import CONDITION_FAILED, cancellation_reasons, found_instead_of_each, put_all_new
from fraudshield.erasure.erasure import Received, keepable
from fraudshield.erasure.port import Erasures
from fraudshield.errors import StoreUnavailable
from fraudshield.scoring.decision import ScoredTransaction
from fraudshield.scoring.dynamo import put_decided
from fraudshield.scoring.dynamo_item import to_item
from fraudshield.text.timestamp import instant
from fraudshield.transaction.dynamo import is_decided, same_content

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

GROUP = 25  # decisions in one transaction: many times quicker than as many puts, and over in a few milliseconds
ROUND = 250  # decisions between two notes of the progress, which is what a killed attempt may have to do again
STALLS = 5  # attempts of the state machine's seven that store nothing, before what is left is not stored at all
REFUSED, UNAVAILABLE = "refused_by_store", "store_unavailable"  # why a decision is not stored
STORED, KNOWN, CONFLICT, UNTAKEN = Tally(stored=1), Tally(known=1), Tally(conflicts=1), Tally(unstored=1)
INVALID = "ValidationError", "ValidationException"  # of one write of a transaction, of a whole request


@dataclass
class ChunkStore:
    """Stores the decisions of a chunk, and keeps how far it is, so that the next attempt goes on there.

    What the store does not take in `STALLS` attempts goes through `write_unstored`: results are delivered all the same.
    """

    writes: "DecisionWrites"
    calls: PacedCalls
    erasures: Erasures
    file: StoreProgressFile
    write_unstored: Callable[[Iterable[str]], None]
    check_time: Callable[[], None]

    def __post_init__(self) -> None:
        self._progress, self._ids = StoreProgress(), sha256()
        self._resumed_at = -1  # not read yet
        self._noted = self._seen = 0

    def keep(self, decided: Sequence[ScoredTransaction]) -> Tally:
        """Stores the decisions that follow those of the call before, and counts their results.

        The first call also returns what earlier attempts counted. Raises Unavailable: another attempt goes on.
        """
        tally = Tally()
        if self._resumed_at < 0:
            self._progress = self.file.read()
            self._resumed_at = self._noted = self._progress.decisions
            self.write_unstored(self._progress.unstored)
            tally = self._progress.tally
        stored = min(len(decided), max(0, self._resumed_at - self._seen))
        self._pass_by(decided[:stored])
        for start in range(stored, len(decided), ROUND):
            tally += self._round(decided[start : start + ROUND])
        return tally

    def _pass_by(self, decided: Sequence[ScoredTransaction]) -> None:
        for one in decided:
            self._ids.update(f"{one.decision.transaction_id}\0".encode())
        self._seen += len(decided)
        if decided and self._seen == self._resumed_at and self._ids.hexdigest() != self._progress.digest:
            self.file.write(StoreProgress())
            raise StoreUnavailable("An attempt by other code decided other rows; the chunk begins again")

    def _round(self, decided: Sequence[ScoredTransaction]) -> Tally:
        self.check_time()
        progress, results = self._progress, self._results(decided)
        late = [one for one in results if isinstance(one, StoreUnavailable)]
        if late and progress.stalls < STALLS:
            raise self._stalled(late)
        lines = [
            unstored_line(one.decision, UNAVAILABLE if isinstance(result, StoreUnavailable) else REFUSED)
            for one, result in zip(decided, results, strict=True)
            if not isinstance(result, Tally)
        ]
        self.write_unstored(lines)
        tally = counted([one if isinstance(one, Tally) else UNTAKEN for one in results])
        self._pass_by(decided)
        self._progress = StoreProgress(
            decisions=self._seen,
            digest=self._ids.hexdigest(),
            tally=progress.tally + tally,
            unstored=(*progress.unstored, *lines),
            stalls=progress.stalls,
            given_up=len(late) == len(decided),
        )
        if self._seen - self._noted >= ROUND:
            self._note(self._progress)
        return tally

    def _results(self, decided: Sequence[ScoredTransaction]) -> "list[Tally | Refused | StoreUnavailable]":
        """Returns a result for each: counted, refused for good, or not stored by now."""
        if self._progress.given_up:
            return [StoreUnavailable("The store took nothing of what came before")] * len(decided)
        received = [Received(one.transaction, one.received_at) for one in decided]
        try:
            kept = keepable(received, self.erasures)
        except StoreUnavailable as exc:
            return [exc] * len(decided)
        wanted = [replace(one, transaction=there) for one, there in zip(decided, kept, strict=True) if there]
        groups = [wanted[at : at + GROUP] for at in range(0, len(wanted), GROUP)]
        each = self.calls.each if self._progress.stalls < STALLS else self.calls.each_once
        written = each([partial(self.writes.write, group) for group in groups])
        spread = (
            [result] * len(group) if isinstance(result, StoreUnavailable) else result
            for group, result in zip(groups, written, strict=True)
        )
        results = chain.from_iterable(spread)
        return [Tally(erased=1) if there is None else next(results) for there in kept]

    def _stalled(self, late: Sequence[StoreUnavailable]) -> StoreUnavailable:
        """Notes that this attempt ends here; returns what it fails of."""
        moved = self._progress.decisions > self._resumed_at
        self._note(self._progress.model_copy(update={"stalls": 0 if moved else self._progress.stalls + 1}))
        return StoreUnavailable(f"{len(late)} decisions of a file could not be stored yet: {late[0]}")

    def _note(self, progress: StoreProgress) -> None:
        self.file.write(progress)
        self._noted = progress.decisions


@dataclass(frozen=True, slots=True)
class Refused:
    """The store refused this one decision, and would again."""


@dataclass(frozen=True, slots=True)
class DecisionWrites:
    """Writes decisions in groups. By `mark` (its job and chunk) an attempt knows rows that were stored before it."""

    table: str
    mark: str
    retention_days: int = 0

    def write(self, group: Sequence[ScoredTransaction]) -> list[Tally | Refused]:
        """Writes the decisions and returns a result for each. May be repeated. Raises botocore's errors."""
        left = {at: self._item(one) for at, one in enumerate(group)}
        results: dict[int, Tally | Refused] = {}
        while left:
            results |= self._together(left)
            left = {at: item for at, item in left.items() if at not in results}
        return [results[at] for at in range(len(group))]

    def _item(self, scored: ScoredTransaction) -> "Item":
        marks = {"batch_row": self.mark, "job": self.mark.partition("#")[0]}
        return to_item(scored, "batch", self.retention_days) | attributes(marks)

    def _together(self, left: "Mapping[int, Item]") -> dict[int, Tally | Refused]:
        """Returns results for all where the transaction went through, else for those that it was refused for."""
        try:
            put_all_new(self.table, list(left.values()), "transaction_id", client.files_dynamodb)
        except ClientError as exc:
            numbers, reasons, found = list(left), cancellation_reasons(exc), found_instead_of_each(exc)
            if cause(exc) in INVALID:  # all in one is not possible, say for an id that came twice
                return {at: self._alone(item) for at, item in left.items()}
            refused = [numbers[place] for place, code in enumerate(reasons) if code in INVALID]
            if not found and not refused:
                raise
            known = {numbers[place]: self._found(stored, left[numbers[place]]) for place, stored in found.items()}
            return {**known, **dict.fromkeys(refused, Refused())}
        return dict.fromkeys(left, STORED)

    def _alone(self, item: "Item") -> Tally | Refused:
        try:
            return self._result(put_decided(self.table, item, client.files_dynamodb), item)
        except ClientError as exc:
            if cause(exc) not in INVALID:
                raise
            return Refused()

    def _found(self, stored: "Item", item: "Item") -> Tally | Refused:
        undecided = not is_decided(stored) and same_content(stored, item)
        return self._alone(item) if undecided else self._result(stored, item)

    def _result(self, stored: "Item | None", item: "Item") -> Tally:
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
            ends = (tally.least, tally.earliest), (tally.most, tally.latest)
            self.extremes.extend(Extremes(BATCH, amount, instant(at)) for amount, at in ends)
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
    yield from (dict(entries[start : start + MOST_ITEMS]) for start in range(0, len(entries), MOST_ITEMS))


def _may_pass(exc: BotoCoreError | ClientError) -> bool:
    """Whether to retry: yes, unless the mark exists, whose write is the first."""
    return cancellation_reasons(exc)[:1] != [CONDITION_FAILED]
