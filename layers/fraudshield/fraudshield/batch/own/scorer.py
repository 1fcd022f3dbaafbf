"""Scoring a block of payments of an event type of one's own: row by row, by the functions that score them online."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from fraudshield.aggregate.value import AggregateValues, unread
from fraudshield.analytics.amount_band import band
from fraudshield.analytics.counted_transaction import CountedDecision, CountedTransaction
from fraudshield.analytics.delta import counters_of
from fraudshield.analytics.series import DAYS, FLAGGED_HOURS, HOURS, PATTERNS, SCORES, TOTAL, UNDECIDED
from fraudshield.batch.block_scorer import ScoredBlock
from fraudshield.batch.byte_range import Block
from fraudshield.batch.columns import RefusedRow
from fraudshield.batch.history.port import RowHistory
from fraudshield.batch.lists.table import Tables, answers
from fraudshield.batch.own.reading import OwnReader, OwnRow
from fraudshield.batch.reading import Repeats
from fraudshield.batch.result import csv_line, without_formulas
from fraudshield.batch.tally import EXACT_SUM, Counters, Tally
from fraudshield.batch.verdict import Store
from fraudshield.policy.policy import Outcome, Policy
from fraudshield.predictor.port import Predictor
from fraudshield.scoring.decision import VELOCITY_UNREAD, ScoredTransaction, decide
from fraudshield.scoring.scoring import explanation, features
from fraudshield.text.csv_cell import safe
from fraudshield.text.timestamp import instant
from fraudshield.transaction.built_in import BuiltInTransaction
from fraudshield.transaction.occurrence import Occurrence
from fraudshield.transaction.pricing import reported_amount
from fraudshield.transaction.quality import quality_flags
from fraudshield.transaction.transaction import Transaction

COUNTED_AS = "file"  # a source of which every counter is worked out; it stands in none of them
SERIES = (PATTERNS, FLAGGED_HOURS, HOURS, SCORES)


@dataclass(frozen=True, slots=True)
class OwnJudge:
    """Decides the payments of one job.

    Velocity is not read, as for any file; aggregates come from the job's history.
    """

    predictor: Predictor
    policy: Policy
    received_at: datetime
    decided_at: datetime
    store: Store = "flagged"
    lists: Tables = field(default_factory=dict)

    def decide(self, occurrence: Occurrence, aggregates: AggregateValues) -> ScoredTransaction:
        """Features, prediction, decision and reasons of a payment."""
        transaction, occurred_at = occurrence.transaction, occurrence.at
        values = features(self.predictor, occurrence, aggregates)
        rules = self.policy.asked(self.decided_at)
        velocities = (VELOCITY_UNREAD,) if rules.velocities else ()
        decision = decide(
            transaction,
            self.predictor.predict(transaction, values),
            self.policy,
            occurred_at,
            decided_at=self.decided_at,
            degraded=(*velocities, *unread(aggregates)),
            quality=quality_flags(transaction, self.received_at),
            velocity={},
            aggregates=aggregates,
            lists=answers(self.lists, rules.lists, transaction),
        )
        scored = ScoredTransaction(transaction, occurred_at, self.received_at, values, decision)
        if decision.outcome is Outcome.APPROVE:
            return scored
        why = explanation(self.predictor, scored).reasons
        return replace(scored, decision=replace(decision, reasons=decision.reasons + why))

    def keeps(self, scored: ScoredTransaction) -> bool:
        """Whether the decision goes into the store."""
        flagged = scored.decision.outcome is not Outcome.APPROVE
        return {"all": True, "none": False, "flagged": flagged}[self.store]


class OwnScorer:
    """Scores payments of one event type, for one chunk."""

    def __init__(self, reader: OwnReader, judge: OwnJudge, history: RowHistory) -> None:
        self._reader = reader
        self._judge = judge
        self._history = history
        self._repeats = Repeats()

    def score(self, block: Block) -> ScoredBlock:
        """Reads, decides and counts each row."""
        read = self._reader.read(block)
        rows, repeated = self._without_repeats(read.rows)
        placed = [row.placed for row in rows]
        each = zip(placed, self._history.values(placed), strict=True)
        scored = [self._judge.decide(row.occurrence, aggregates) for row, aggregates in each]
        texts, cells = [row.text for row in rows], [row.cells for row in rows]
        written = without_formulas(texts, cells, self._reader.layout.numeric)
        return ScoredBlock(
            lines=read.lines,
            written=map(str.__add__, written, map(_ending, scored)),
            refused=sorted([*read.refused, *repeated], key=lambda one: one.line),
            to_store=[one for one in scored if self._judge.keeps(one)],
            tally=tally_of(scored),
        )

    def _without_repeats(self, rows: Sequence[OwnRow]) -> tuple[list[OwnRow], list[RefusedRow]]:
        """Splits rows into those with a new id and refusals of the others."""
        kept, repeated = [], []
        for row in rows:
            name = row.placed.occurrence.transaction.transaction_id
            if fault := self._repeats.fault_of(self._reader.layout.pointer_of_id(), name):
                repeated.append(RefusedRow(row.line, (fault,)))
            else:
                kept.append(row)
        return kept, repeated


def _ending(scored: ScoredTransaction) -> str:
    decision = scored.decision
    flagged = decision.outcome is not Outcome.APPROVE
    cells = [
        "" if decision.risk is None else str(decision.risk),
        str(decision.prediction),
        decision.outcome.value,
        "; ".join(reason.text for reason in decision.reasons) if flagged else "",
        decision.model_version or "",
        str(decision.policy_version),
        ";".join(decision.degraded),
        safe(decision.transaction_id) if flagged else "",
    ]
    return "," + csv_line(cells)


def tally_of(scored: Sequence[ScoredTransaction]) -> Tally:
    """The counts of these rows, each by what it would add to the aggregates had it been scored online."""
    if not scored:
        return Tally()
    days: dict[str, Counters] = defaultdict(dict)
    more: dict[str, dict[str, Counters]] = {series: defaultdict(dict) for series in (DAYS, *SERIES)}
    bands: dict[int, int] = defaultdict(int)
    for one in scored:
        counted = _counted(one)
        found = counters_of(counted)
        of_total = found[TOTAL, COUNTED_AS]
        bands[band(counted.money)] += 1
        _add(days[counted.day], of_total)
        for (series, bucket), counters in found.items():
            if series == DAYS:
                _add(more[DAYS][counted.day], {n: value for n, value in counters.items() if n not in of_total})
            elif series in SERIES:
                _add(more[series][bucket.partition("#")[0]], counters)
    amounts = [reported_amount(one.transaction) or Decimal(0) for one in scored]
    times = [one.occurred_at for one in scored]
    return Tally(
        rows=len(scored),
        scored=len(scored),
        days=_sorted(days),
        more={series: _sorted(by_time) for series, by_time in more.items()},
        bands=dict(sorted(bands.items())),
        least=min(amounts),
        most=max(amounts),
        earliest=min(times),
        latest=max(times),
    )


def _counted(scored: ScoredTransaction) -> CountedTransaction:
    sent, decision = scored.transaction, scored.decision
    return CountedTransaction(
        transaction_id=sent.transaction_id,
        source=COUNTED_AS,
        occurred_at=instant(scored.occurred_at),
        type=_type_of(sent),
        amount=reported_amount(sent) or Decimal(0),
        destination=sent.receiver,
        decision=CountedDecision(
            outcome=decision.outcome.value,
            risk=None if decision.risk is None else Decimal(repr(decision.risk)),
            prediction=Decimal(decision.prediction),
            model_version=decision.model_version or UNDECIDED,
            features=scored.features,
            quality=decision.quality,
        ),
    )


def _type_of(transaction: Transaction) -> str:
    if isinstance(transaction, BuiltInTransaction):
        return transaction.type
    return transaction.own.event_type.name if transaction.own else ""


def _add(counters: Counters, counted: Mapping[str, Decimal]) -> None:
    for name, value in counted.items():
        counters[name] = EXACT_SUM.add(counters.get(name, Decimal()), value)


def _sorted(by_time: Mapping[str, Counters]) -> dict[str, Counters]:
    return {when: dict(sorted(counters.items())) for when, counters in sorted(by_time.items()) if counters}
