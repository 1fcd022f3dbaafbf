"""Counts the records of the table's stream exactly once, however often and in whatever pieces they are delivered.

A commit is one transaction: the shard's checkpoint moves on, the commit's range is noted, the counters are added to.
What is at or below the checkpoint has been counted, and is dropped before anybody looks at what it says. What cannot
be counted is sent whole to a queue and noted as skipped, so that it can be counted later, once, by `retry`.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zlib import crc32

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.aggregate.counter import PARTS
from fraudshield.analytics.block.block import block_delta, blocking
from fraudshield.analytics.busy import busy_delta
from fraudshield.analytics.category.category import Categories, category_delta, is_counted
from fraudshield.analytics.counted_transaction import CountedTransaction, TransactionChange
from fraudshield.analytics.delta import delta_of
from fraudshield.analytics.destination import Flagged, flagged
from fraudshield.analytics.dynamo_block import BreakerSwitch
from fraudshield.analytics.dynamo_destination import DestinationLists
from fraudshield.analytics.dynamo_image import Record, change_of
from fraudshield.analytics.dynamo_progress import CountingProgress, ExtremeStore
from fraudshield.analytics.dynamo_rule import RuleAccounts
from fraudshield.analytics.dynamo_shard import Checkpoint, Commit, ShardLog, additions
from fraudshield.analytics.extremes import Extremes, extremes_of
from fraudshield.analytics.field.field import field_delta
from fraudshield.analytics.rule.rule import RuleAccount, rule_accounts, rule_delta
from fraudshield.analytics.series import Counts, Sums
from fraudshield.aws import client
from fraudshield.dynamo import stream
from fraudshield.dynamo.attempt import back_off
from fraudshield.dynamo.stream import UNREADABLE
from fraudshield.errors import StoreUnavailable
from fraudshield.predictor.reference import Reference
from fraudshield.telemetry import logger

MOST_ITEMS = 90  # of one transaction, which may have 100
PAUSE_S = 0.05


@dataclass(frozen=True, slots=True)
class StreamCounter:
    """Counts into one table. `stop_at` is in `time.monotonic()` seconds: later than that nothing is tried again.

    `reference` has the bins of features and score for drift; without it they are not counted.
    """

    table: str
    retry_queue_url: str
    log: ShardLog
    extremes: ExtremeStore
    progress: CountingProgress
    destinations: DestinationLists
    rules: RuleAccounts
    categories: Categories
    breakers: BreakerSwitch
    reference: Reference | None = None

    def count(self, shard: str, records: Sequence[Record], stop_at: float) -> None:
        """Count the records of a shard, which come in the order of their sequence numbers.

        Raises:
            StoreUnavailable, QueueUnavailable: not all were counted; those that were are not counted again.
        """
        checkpoint = self.log.checkpoint(shard)
        while commit := next(self._commits(shard, _after(checkpoint, records)), None):
            checkpoint = self._commit(shard, checkpoint, commit, stop_at)
        self.breakers.look(blocking(records))
        if made := [_made_s(record) for record in records]:
            self.progress.note(max(made))

    def retry(self, shard: str, records: Sequence[Record], given_up: bool, stop_at: float) -> None:
        """Count records that were skipped, or (`given_up`) whose whole batch was; again and again makes no difference.

        Raises:
            StoreUnavailable: some were not counted, or it is not known yet whether they will be.
            One of `UNREADABLE`: one still cannot be read; the others were counted.
        """
        unreadable: list[Exception] = []
        for record in records:
            try:
                change = change_of(record)
                moved = self._moved(shard, record, change)
            except UNREADABLE as exc:
                unreadable.append(exc)
                continue
            if (extreme := extremes_of(change)) is not None:
                self.extremes.extend([extreme])
            number, listed = sequence(record), tuple(filter(None, [flagged(change)]))
            one = Commit(number, number, moved, flagged=listed, accounts=rule_accounts(change))
            while not self._retried(shard, one, given_up, stop_at):
                pass
        if unreadable:
            raise unreadable[0]

    def _moved(self, shard: str, record: Record, change: TransactionChange) -> Counts:
        """All that a change adds, in the shard's part of what busy entities have."""
        busy = busy_delta(change, crc32(shard.encode()) % PARTS)
        moved = {**delta_of(change, self.reference), **busy, **block_delta(change)}
        one = change.after
        if moved and is_counted(one):  # what is only stored anew takes no place
            day = _made_on(record, one)
            categories = self.categories.of(one, day)
            moved |= category_delta(change, categories)
            moved |= field_delta(change, categories, self.categories.fields(one, day)) if change.inserted else {}
            moved |= rule_delta(change) if categories else {}
        return moved

    def _retried(self, shard: str, one: Commit, given_up: bool, stop_at: float) -> bool:
        """Whether it is counted by now."""
        checkpoint, noted = self.log.checkpoint(shard), self.log.commit_of(shard, one.first)
        if noted is not None and one.first not in noted.skipped:
            return True
        if one.first > checkpoint.through and not given_up:
            raise StoreUnavailable("The record's shard has not come to it yet")
        mark = [self.log.unskip(shard, noted, one.first)] if noted else self.log.move_on(shard, checkpoint, one)
        return self._written([*mark, *self._effects(one)], stop_at)

    def _commit(self, shard: str, checkpoint: Checkpoint, commit: Commit, stop_at: float) -> Checkpoint:
        """The checkpoint as it is then: moved on by this commit, or by another that got there first."""
        self.extremes.extend(commit.extremes)  # safe to repeat, so before what is done once
        mark = self.log.move_on(shard, checkpoint, commit)
        if self._written([*mark, *self._effects(commit)], stop_at):
            return Checkpoint(max(checkpoint.through, commit.last), checkpoint.version + 1)
        return self.log.checkpoint(shard)

    def _effects(self, commit: Commit) -> list[Any]:
        counts = additions(self.table, commit.counts, self.rules.new(commit.accounts))
        return [*counts, *self.destinations.writes(commit.flagged)]

    def _commits(self, shard: str, records: Sequence[Record]) -> Iterator[Commit]:
        """The records in as few commits as transactions have room for, each made when it is asked for."""
        piece = _Piece()
        for at, record in enumerate(records):
            try:
                change = change_of(record)
                moved = self._moved(shard, record, change)
            except UNREADABLE as exc:
                self._set_aside(shard, record, exc)
                piece.skipped.append(sequence(record))
                continue
            listed = flagged(change)
            if piece.items_with(moved, listed) > MOST_ITEMS:
                yield piece.commit(records[piece.first : at])
                piece = _Piece(at)
            piece.add(moved, listed, rule_accounts(change), extremes_of(change))
        if records:
            yield piece.commit(records[piece.first :])

    def _written(self, writes: list[Any], stop_at: float) -> bool:
        """Whether they were; False where somebody else was first, or where it has to be found out.

        Raises:
            StoreUnavailable: there is no time to try again.
        """
        try:
            client.counting_dynamodb().transact_write_items(TransactItems=writes)
        except (BotoCoreError, ClientError) as exc:
            if time.monotonic() >= stop_at:
                raise StoreUnavailable(f"Counting did not end in time: {type(exc).__name__}") from exc
            back_off(PAUSE_S)
            return False
        return True

    def _set_aside(self, shard: str, record: Record, cause: Exception) -> None:
        """Raises QueueUnavailable: then the record is not noted as skipped, and comes again."""
        logger.error("record not counted", shard=shard, sequence=sequence(record), error=type(cause).__name__)
        stream.send_dead_letter(self.retry_queue_url, shard, record)


def sequence(record: Record) -> int:
    """The record's sequence number in its shard."""
    return int(record["dynamodb"]["SequenceNumber"])


def _made_s(record: Record) -> int:
    """When the change was made, in seconds since 1970, to the second that the stream says."""
    made = record["dynamodb"].get("ApproximateCreationDateTime", 0)  # which is a time where the SDK read the stream
    return int(made.timestamp() if isinstance(made, datetime) else made)


def _made_on(record: Record, one: CountedTransaction) -> str:
    """The day of the change, as far as the stream says it."""
    at_s = _made_s(record)
    return datetime.fromtimestamp(at_s, UTC).date().isoformat() if at_s else one.came_on


def _after(checkpoint: Checkpoint, records: Sequence[Record]) -> Sequence[Record]:
    return [record for record in records if sequence(record) > checkpoint.through]


@dataclass(slots=True)
class _Piece:
    """What a commit will be made of; `first` is the index of its first record."""

    first: int = 0
    sums: Sums = field(default_factory=Sums)
    skipped: list[int] = field(default_factory=list)
    flagged: list[Flagged] = field(default_factory=list)
    lists: set[str] = field(default_factory=set)
    accounts: list[RuleAccount] = field(default_factory=list)
    extremes: list[Extremes] = field(default_factory=list)

    def items_with(self, moved: Counts, listed: Flagged | None) -> int:
        """How many items would be written with this record added."""
        lists = self.lists | ({listed.bucket} if listed else set())
        return len(self.sums.sums.keys() | moved.keys()) + len(lists)

    def add(
        self, moved: Counts, listed: Flagged | None, accounts: Sequence[RuleAccount], extreme: Extremes | None
    ) -> None:
        """Add a record to the piece; only what counts has accounts."""
        self.sums.add(moved)
        self.accounts += [one for one in accounts if one.bucket in moved]
        self.extremes += [extreme] if extreme else []
        if listed:
            self.flagged.append(listed)
            self.lists.add(listed.bucket)

    def commit(self, records: Sequence[Record]) -> Commit:
        """The commit of these records."""
        numbers = sequence(records[0]), sequence(records[-1])
        return Commit(
            *numbers,
            self.sums.counts(),
            tuple(self.skipped),
            tuple(self.flagged),
            tuple(self.accounts),
            tuple(self.extremes),
        )
