"""The steps of a test on history after its plan: count a part, merge all parts to the answer."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Protocol

from fraudshield.backtest.account_sums import AccountSums
from fraudshield.backtest.answer import HistoryAnswer, history_answer
from fraudshield.backtest.compared import DraftComparison, StoredPayment
from fraudshield.backtest.plan import BacktestPlan, PlannedPart, part_key
from fraudshield.backtest.port import BacktestStore, PartFiles, StoredDecisions
from fraudshield.backtest.tally import PartTally, Totals, merged_accounts, sums_in, totals_in
from fraudshield.policy.policy import Policy
from fraudshield.value_list.answer import ListAnswers
from fraudshield.value_list.as_of import AskedAt, ListsAsOf

READ_TOGETHER = 1000  # payments that are held at a time
CheckTime = Callable[[], None]


class PartCounter(Protocol):
    """Counts the payments of one part."""

    def questions(self, stored: StoredPayment) -> AskedAt:
        """What has to be known of lists to count a payment."""

    def add(self, stored: StoredPayment, lists: ListAnswers) -> None:
        """Counts it; `lists` are the answers to its questions."""

    def lines(self) -> Iterator[str]:
        """What was counted: totals in the first line, then sums in the order of their keys."""


@dataclass(frozen=True, slots=True)
class DraftCounter:
    """The `PartCounter` port: what a draft would have decided."""

    comparison: DraftComparison
    tally: PartTally

    def questions(self, stored: StoredPayment) -> AskedAt:
        """What the draft asks."""
        return self.comparison.questions(stored)

    def add(self, stored: StoredPayment, lists: ListAnswers) -> None:
        """Decides it again."""
        self.tally.add(stored.scored.transaction.transaction_id, self.comparison.compare(stored, lists))

    def lines(self) -> Iterator[str]:
        """The tally's."""
        return self.tally.lines()


@dataclass(frozen=True, slots=True)
class PartStep:
    """Counts a part. Its sums are written once under its key: counting it again changes nothing.

    `history` opens the stored decisions of some types, `lists` what lists held at a time; `counter` makes what counts.
    """

    store: BacktestStore
    files: PartFiles
    history: Callable[[Iterable[str]], StoredDecisions]
    counter: Callable[[BacktestPlan], PartCounter]
    lists: Callable[[], ListsAsOf]

    def run(self, plan: BacktestPlan, part: PlannedPart, check_time: CheckTime) -> int:
        """Returns how many payments were compared. `check_time` raises ChunkTimeout where there is no time left."""
        key = part_key(part.job_id, part.index)
        known = self.files.get(key)
        if known is None:
            known = "\n".join(self._counted(plan, part, check_time).lines()).encode()
            self.files.put_new(key, known)
        self.store.note_part(part.job_id, part.index)
        return totals_in(known.split(b"\n", 1)[0].decode()).counts["compared"]

    def _counted(self, plan: BacktestPlan, part: PlannedPart, check_time: CheckTime) -> PartCounter:
        history, counter, lists = self.history(plan.genuine_after), self.counter(plan), self.lists()
        places = history.places(part.day_shard, part.first, part.last)
        while some := list(islice(places, READ_TOGETHER)):
            check_time()
            payments = history.payments([place.transaction_id for place in some])
            decided = [one for one in payments if one.scored.decision.decided_at <= plan.as_of]
            answers = lists.answers([counter.questions(one) for one in decided])
            for one, answer in zip(decided, answers, strict=True):
                counter.add(one, answer)
        return counter


@dataclass(frozen=True, slots=True)
class MergeStep:
    """Merges the parts to the answer. It may be repeated: the same parts make the same answer."""

    store: BacktestStore
    files: PartFiles
    now: Callable[[], datetime]

    def run(self, plan: BacktestPlan) -> HistoryAnswer:
        """Raises NotFound: a part is missing."""
        totals, sorted_runs = Totals(), []
        for part in plan.parts:
            lines = self.files.lines(part_key(plan.backtest_id, part.index))
            totals.merge(totals_in(next(lines)))
            sorted_runs.append(map(sums_in, lines))
        entities = merged_accounts(_merged(sorted_runs), plan.fields)
        control = float(plan.policy.control.share) if plan.policy.control else None
        codes = rule_codes(plan.policy)
        answer = history_answer(totals, entities, codes, plan.days, plan.drafts_tried, control)
        self.store.complete(plan.backtest_id, answer, self.now())
        return answer


def rule_codes(policy: Policy) -> list[str]:
    """The codes of a policy's rules, in its order."""
    return [rule.code for rule in policy.rules]


def _merged(runs: Sequence[Iterator[tuple[str, AccountSums]]]) -> Iterator[tuple[str, AccountSums]]:
    """All lines in the order of their keys; those of one key in the order of the parts, so that sums are the same."""
    return merge(*runs, key=lambda line: line[0])
