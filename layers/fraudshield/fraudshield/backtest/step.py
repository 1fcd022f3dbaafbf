"""The steps of a test on history after its plan: count a part, merge all parts to the answer."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import islice

from fraudshield.backtest.account_sums import AccountSums
from fraudshield.backtest.answer import HistoryAnswer, history_answer
from fraudshield.backtest.compared import DraftComparison
from fraudshield.backtest.plan import BacktestPlan, PlannedPart, part_key
from fraudshield.backtest.port import BacktestStore, PartFiles, StoredDecisions
from fraudshield.backtest.tally import PartTally, Totals, merged_accounts, sums_in, totals_in
from fraudshield.policy.policy import Policy
from fraudshield.value_list.as_of import ListsAsOf

READ_TOGETHER = 1000  # payments that are held at a time
CheckTime = Callable[[], None]


@dataclass(frozen=True, slots=True)
class PartStep:
    """Counts a part. Its sums are written once under its key: counting it again changes nothing.

    `history` opens the stored decisions of some types, `lists` what lists held at a time; `key` keeps the values of
    entities from being guessed.
    """

    store: BacktestStore
    files: PartFiles
    history: Callable[[Iterable[str]], StoredDecisions]
    comparison: Callable[[BacktestPlan], DraftComparison]
    lists: Callable[[], ListsAsOf]
    key: bytes

    def run(self, plan: BacktestPlan, part: PlannedPart, check_time: CheckTime) -> int:
        """Returns how many payments were compared. `check_time` raises ChunkTimeout where there is no time left."""
        key = part_key(part.job_id, part.index)
        known = self.files.get(key)
        if known is None:
            tally = self._counted(plan, part, check_time)
            known = "\n".join(tally.lines()).encode()
            self.files.put_new(key, known)
        self.store.note_part(part.job_id, part.index)
        return totals_in(known.split(b"\n", 1)[0].decode()).counts["compared"]

    def _counted(self, plan: BacktestPlan, part: PlannedPart, check_time: CheckTime) -> PartTally:
        history, comparison, lists = self.history(plan.genuine_after), self.comparison(plan), self.lists()
        tally = PartTally(plan.fields, self.key)
        places = history.places(part.day_shard, part.first, part.last)
        while some := list(islice(places, READ_TOGETHER)):
            check_time()
            payments = history.payments([place.transaction_id for place in some])
            decided = [one for one in payments if one.scored.decision.decided_at <= plan.as_of]
            answers = lists.answers([comparison.questions(one) for one in decided])
            for one, answer in zip(decided, answers, strict=True):
                tally.add(one.scored.transaction.transaction_id, comparison.compare(one, answer))
        return tally


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
