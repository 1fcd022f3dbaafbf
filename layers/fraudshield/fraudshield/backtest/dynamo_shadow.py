"""Judges payments by the drafts in shadow, behind what has been counted. Nothing waits for it, and nothing fails by it.

A commit is one transaction, as in counting: the shard's own checkpoint moves on, and the sums are added to. What is at
or below the checkpoint has been judged. What cannot be is added to `shadow_failed`, and the checkpoint moves on.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from fraudshield.analytics.series import Counts, Sums
from fraudshield.backtest.shadow.change import ShadowChange, ShadowDraft, moved, relabelled
from fraudshield.dynamo.attempt import back_off
from fraudshield.dynamo.stream import UNREADABLE
from fraudshield.errors import FraudShieldError, StoreUnavailable
from fraudshield.telemetry import logger, observe_count
from fraudshield.value_list.answer import ListAnswers
from fraudshield.value_list.as_of import ListsAsOf

Record = Mapping[str, Any]
MOST_ITEMS = 90  # of one transaction, which may have 100
PAUSE_S = 0.05
NOT_JUDGED = (*UNREADABLE, FraudShieldError)


class ShadowCheckpoints(Protocol):
    """How far each shard has been judged. Every call raises StoreUnavailable."""

    def through(self, shard: str) -> int:
        """The last sequence number that has been judged; -1 where there is none."""

    def commit(self, shard: str, last: int, counts: Counts) -> bool:
        """Moves on to `last` and adds the counts, all or nothing; False where somebody else was there first."""


@dataclass(frozen=True, slots=True)
class ShadowJudge:
    """`change` reads a record, None where there is nothing to judge; `drafts` gives those of an event type.

    `key` keeps the values of entities from being guessed. `missed` counts by shard what even the store was not told.
    """

    checkpoints: ShadowCheckpoints
    change: Callable[[Record], ShadowChange | None]
    drafts: Callable[[str], Sequence[ShadowDraft]]
    lists: Callable[[], ListsAsOf]
    key: Callable[[], bytes]
    missed: Counter[str] = field(default_factory=Counter)

    def judge(self, shard: str, records: Sequence[Record], stop_at: float) -> None:
        """Judges the records of a shard, in the order of their sequence numbers. Raises nothing.

        `stop_at` is in `time.monotonic()` seconds: what has no turn by then has failed.
        """
        try:
            self._judge(shard, records, stop_at)
        except NOT_JUDGED as exc:
            self.missed[shard] += len(records)
            observe_count("ShadowFailed", len(records))
            logger.warning("drafts in shadow were not judged", shard=shard, records=len(records), cause=str(exc))

    def _judge(self, shard: str, records: Sequence[Record], stop_at: float) -> None:
        changes = list(self._changes(records))
        drafts = {name: self.drafts(name) for name in {one.event_type for one in changes}}
        if not any(drafts.values()):
            return
        through = self.checkpoints.through(shard)
        for last, counts in self._pieces(shard, [one for one in changes if one.sequence > through], drafts):
            while not self.checkpoints.commit(shard, last, counts):
                if self.checkpoints.through(shard) >= last:
                    break
                if time.monotonic() >= stop_at:
                    raise StoreUnavailable("time was up")
                back_off(PAUSE_S)

    def _changes(self, records: Sequence[Record]) -> Iterator[ShadowChange]:
        for record in records:
            try:
                one = self.change(record)
            except UNREADABLE:  # which the counting has set aside, too
                observe_count("ShadowFailed", 1)
                continue
            if one is not None:
                yield one

    def _pieces(
        self, shard: str, changes: Sequence[ShadowChange], drafts: Mapping[str, Sequence[ShadowDraft]]
    ) -> Iterator[tuple[int, Counts]]:
        """The last sequence number and the counts of each commit, of as many changes as it has room for."""
        lists, sums, last = self.lists(), Sums(), -1
        self._ask_together(lists, changes, drafts)
        for one in changes:
            found = self._moved(one, drafts[one.event_type], lists)
            if missed := self.missed.pop(shard, 0):
                found += [draft.failed(missed, _today()) for draft in drafts[one.event_type]]
            if len(sums.sums.keys() | {bucket for counts in found for bucket in counts}) > MOST_ITEMS:
                yield last, sums.counts()
                sums = Sums()
            for counts in found:
                sums.add(counts)
            last = one.sequence
        if last >= 0:
            yield last, sums.counts()

    def _ask_together(
        self, lists: ListsAsOf, changes: Sequence[ShadowChange], drafts: Mapping[str, Sequence[ShadowDraft]]
    ) -> None:
        """Reads what all of them ask of lists, a hundred at a time. Where that fails, each asks for itself."""
        with suppress(*NOT_JUDGED):
            lists.answers(
                [
                    draft.comparison.questions(one.payment)
                    for one in changes
                    for draft in drafts[one.event_type]
                    if draft.judges(one)
                ]
            )

    def _moved(self, change: ShadowChange, drafts: Sequence[ShadowDraft], lists: ListsAsOf) -> list[Counts]:
        return [self._of(draft, change, lists) for draft in drafts if draft.judges(change)]

    def _of(self, draft: ShadowDraft, change: ShadowChange, lists: ListsAsOf) -> Counts:
        comparison = draft.comparison
        try:
            answers: ListAnswers
            [answers] = lists.answers([comparison.questions(change.payment)])
            one = comparison.compare(change.payment, answers)
            before = None if change.before is None else relabelled(one, change.before, comparison)
            return moved(draft, change, one, before, self.key())
        except NOT_JUDGED as exc:
            observe_count("ShadowFailed", 1)
            logger.warning("a draft in shadow was not judged", version=draft.policy.version, cause=type(exc).__name__)
            return draft.failed(1, _today())


def _today() -> Any:
    return datetime.now(UTC).date()
