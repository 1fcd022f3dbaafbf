"""Counting the scored rows of a block, as the aggregates count what is stored."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, localcontext

import numpy as np

from fraudshield.batch.rows import Rows
from fraudshield.batch.tally import EXACT, Counters, Tally
from fraudshield.batch.verdict import Judge, Verdicts
from fraudshield.contribution import BOUNDS
from fraudshield.policy import Outcome
from fraudshield.quality import CLOCK_SKEW
from fraudshield.risk import STEPS

BAND_BOUNDS = np.array([float(bound) for bound in BOUNDS])


def count(rows: Rows, verdicts: Verdicts, judge: Judge) -> Tally:
    """What these rows add. A row that does not say when it happened happened when the file arrived."""
    if not len(rows):
        return Tally()
    amounts = rows.column("amount")
    numbers, counts = np.unique(np.searchsorted(BAND_BOUNDS, rows.money["amount"], side="right"), return_counts=True)
    times = [at or judge.received_at for at in rows.occurred_at] or [judge.received_at]
    return Tally(
        rows=len(rows),
        scored=len(rows),
        days={day.isoformat(): _day(rows, amounts, verdicts, judge, at) for day, at in _by_day(rows, judge).items()},
        bands=dict(zip(numbers.tolist(), counts.tolist(), strict=True)),
        least=Decimal(amounts[int(np.argmin(rows.money["amount"]))]),
        most=Decimal(amounts[int(np.argmax(rows.money["amount"]))]),
        earliest=min(times),
        latest=max(times),
    )


def _by_day(rows: Rows, judge: Judge) -> Mapping[date, Sequence[int]]:
    """The positions of the rows of each UTC day."""
    if not any(rows.occurred_at):
        return {judge.received_at.astimezone(UTC).date(): range(len(rows))}
    days: dict[date, list[int]] = defaultdict(list)
    for at, occurred_at in enumerate(rows.occurred_at):
        days[(occurred_at or judge.received_at).astimezone(UTC).date()].append(at)
    return days


def _day(rows: Rows, amounts: Sequence[str], verdicts: Verdicts, judge: Judge, at: Sequence[int]) -> Counters:
    types, steps = rows.column("type"), verdicts.risk_steps[np.asarray(at)]
    outcomes = Counter(verdicts.flagged[i].decision.outcome for i in at if i in verdicts.flagged)
    outcomes[Outcome.APPROVE] = len(at) - outcomes.total()
    counted = {
        "transactions": len(at),
        "decisions": len(at),
        "predicted_fraud": int((steps / STEPS >= judge.policy.thresholds.review).sum()),
        "quality.clock_skew": sum(_skewed(rows.occurred_at[i], judge) for i in at) if rows.occurred_at else 0,
        **{f"type.{kind}": number for kind, number in Counter(types[i] for i in at).items()},
        **{f"outcome.{outcome}": number for outcome, number in outcomes.items()},
    }
    counters: Counters = {name: Decimal(number) for name, number in counted.items() if number}
    with localcontext(EXACT):
        counters["amount"] = sum((Decimal(amounts[i]) for i in at), Decimal())
    counters["risk"] = Decimal(int(steps.sum())) / STEPS
    return dict(sorted(counters.items()))


def _skewed(occurred_at: datetime | None, judge: Judge) -> bool:
    return occurred_at is not None and occurred_at - judge.received_at > CLOCK_SKEW
