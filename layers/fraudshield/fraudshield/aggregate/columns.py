"""Aggregates of many payments over a history that is there as columns: what `measured` gives each, to the last digit.

Only batch and training import this: the online path has no numpy.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from fraudshield.aggregate.aggregate import AMOUNT, LABEL, EntityAggregate
from fraudshield.aggregate.busy_columns import busy_values
from fraudshield.aggregate.exact_sum import Scaled, scaled
from fraudshield.aggregate.measure import FRAUD, HOUR_US, rate
from fraudshield.aggregate.payment_history import NEVER, Microseconds, PaymentHistory, microseconds, positions
from fraudshield.aggregate.row import MOST_ROWS
from fraudshield.aggregate.value import CUT, NOTHING, UNPRICED, AggregateValue, exactly, nearly
from fraudshield.expression.column import Column, Truths
from fraudshield.expression.columns import columns


def aggregate_values(
    asked: Sequence[EntityAggregate], asking: PaymentHistory, history: PaymentHistory
) -> dict[str, list[AggregateValue]]:
    """The values of each aggregate, one for each payment that asks.

    As online, those over one field are read together: the newest `MOST_ROWS` rows of the widest window.
    """
    found: dict[str, list[AggregateValue]] = {}
    for over in dict.fromkeys(one.over for one in asked):
        alike = [one for one in asked if one.over == over]
        if alike[0].busy:
            found |= {one.name: busy_values(one, asking, history) for one in alike}
            continue
        reads = [*_reads(alike, asking, history)]
        for one in alike:
            measure = _Measure.of(one, history)
            found[one.name] = [NOTHING if read is None else measure.value(read) for read in reads]
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Read:
    """Positions in the history of the rows that one payment reads, the oldest first."""

    rows: NDArray[np.intp]
    times: Microseconds
    at: int
    known_at: int
    capped: bool


def _reads(alike: Sequence[EntityAggregate], asking: PaymentHistory, history: PaymentHistory) -> Iterator[_Read | None]:
    windows = [one.within for one in alike]
    widest = None if None in windows else max(microseconds(one) for one in windows if one is not None)
    by_value = positions(history, alike[0].named_by)
    nobody = np.zeros(0, np.intp)
    each = (asking.entities[alike[0].over].tolist(), asking.occurred_at.tolist(), asking.decided_at.tolist())
    for value, at, known_at in zip(*each, strict=True):
        if value is None:
            yield None
            continue
        rows = by_value.get(value, nobody)
        times = history.occurred_at[rows]
        first = 0 if widest is None else int(np.searchsorted(times, at - widest, "right"))
        rows = rows[first : int(np.searchsorted(times, at, "left"))]
        rows = rows[history.decided_at[rows] < known_at]
        kept = rows[-MOST_ROWS:]
        yield _Read(kept, history.occurred_at[kept], at, known_at, len(kept) < len(rows))


@dataclass(frozen=True, slots=True, eq=False)
class _Measure:
    """One aggregate over the columns of the history: what each row adds to it.

    `holds` says which rows meet its condition before their label is known, `holds_labelled` from `labelled` on; of
    those in `unsure` that is not known, since their amount had no rate. `priced` are those whose amount is known.
    """

    aggregate: EntityAggregate
    times: Microseconds
    holds: Truths
    holds_labelled: Truths
    labelled: Microseconds
    unsure: Truths
    unsure_labelled: Truths
    priced: Truths
    numbers: Scaled | None = None
    codes: NDArray[np.intp] = field(default_factory=lambda: np.zeros(0, np.intp))
    frauds: Truths = field(default_factory=lambda: np.zeros(0, np.bool_))

    @classmethod
    def of(cls, aggregate: EntityAggregate, history: PaymentHistory) -> "_Measure":
        unlabelled = {name: one for name, one in history.carried.items() if name != LABEL}
        label, later = history.carried[LABEL].values, history.occurred_at + microseconds(aggregate.labels_later)
        measured = history.carried[aggregate.measured] if aggregate.measured else None
        rows = len(history.occurred_at)
        priced = _there(history.carried[AMOUNT])
        (holds, unsure), (holds_labelled, unsure_labelled) = (
            _holds(aggregate, carried, rows, priced) for carried in (unlabelled, history.carried)
        )
        return cls(
            aggregate,
            history.occurred_at,
            holds,
            holds_labelled,
            np.where(history.labelled_at == NEVER, NEVER, np.maximum(history.labelled_at, later)),
            unsure,
            unsure_labelled,
            priced,
            scaled(measured) if measured and aggregate.measure in ("sum", "mean") else None,
            _codes(measured) if measured and aggregate.measure == "distinct" else np.zeros(0, np.intp),
            label == FRAUD,
        )

    def value(self, read: _Read) -> AggregateValue:
        """The value for the payment that reads these rows."""
        within, rows, cut = self.aggregate.within, read.rows, read.capped
        if within is not None:
            since = read.at - microseconds(within)
            rows = rows[int(np.searchsorted(read.times, since, "right")) :]
            cut = cut and bool(read.times[0] > since)
        labelled = self.labelled[rows] <= read.known_at
        if np.any(np.where(labelled, self.unsure_labelled[rows], self.unsure[rows])):
            return UNPRICED
        rows = rows[np.where(labelled, self.holds_labelled[rows], self.holds[rows])]
        if self.aggregate.measured == AMOUNT and not np.all(self.priced[rows]):
            return UNPRICED
        return MEASURES[self.aggregate.measure](self, rows, read, cut)

    def sum(self, rows: NDArray[np.intp]) -> Decimal:
        """What the rows add up to, exactly."""
        return self.numbers.sum(rows) if self.numbers else Decimal(0)


def _there(amounts: Column) -> Truths:
    there = np.isfinite(amounts.values.astype(np.float64))
    return there if amounts.present is None else there & amounts.present


def _holds(
    aggregate: EntityAggregate, carried: Mapping[str, Column], rows: int, priced: Truths
) -> tuple[Truths, Truths]:
    """The rows that meet the condition, and those of which that is not known since their amount had no rate."""
    if aggregate.where is None:
        return np.ones(rows, np.bool_), np.zeros(rows, np.bool_)
    found = columns(aggregate.where, carried, rows)
    asks = AMOUNT in aggregate.where.names.fields
    return np.asarray(found.known & found.values, np.bool_), ~found.known & ~priced & asks


def _codes(measured: Column) -> NDArray[np.intp]:
    """A number for each value, the same for the same one; -1 where there is none."""
    known: dict[object, int] = {}
    there = measured.present
    values = enumerate(measured.values.tolist())
    each = (
        -1
        if one is None or (there is not None and not there[row])
        else known.setdefault(measured.exact.get(row, one), len(known))
        for row, one in values
    )
    return np.fromiter(each, np.intp, len(measured.values))


def _sum(measure: _Measure, rows: NDArray[np.intp], _: _Read, cut: bool) -> AggregateValue:
    if cut and not measure.aggregate.positive:
        return CUT
    return exactly(measure.sum(rows), at_least=cut)


def _mean(measure: _Measure, rows: NDArray[np.intp], _: _Read, cut: bool) -> AggregateValue:
    if cut:
        return CUT
    there = measure.numbers.count(rows) if measure.numbers else 0
    return nearly(float(measure.sum(rows)) / there) if there else NOTHING


def _distinct(measure: _Measure, rows: NDArray[np.intp], _: _Read, cut: bool) -> AggregateValue:
    return exactly(len({*measure.codes[rows].tolist()} - {-1}), at_least=cut)


def _age(measure: _Measure, rows: NDArray[np.intp], read: _Read, cut: bool) -> AggregateValue:
    return nearly(_hours(read.at - int(measure.times[rows[0]])) if len(rows) else 0.0, at_least=cut)


def _since_last(measure: _Measure, rows: NDArray[np.intp], read: _Read, cut: bool) -> AggregateValue:
    if len(rows):
        return nearly(_hours(read.at - int(measure.times[rows[-1]])))
    return CUT if cut else NOTHING


def _fraud_rate(measure: _Measure, rows: NDArray[np.intp], read: _Read, cut: bool) -> AggregateValue:
    if cut:
        return CUT
    old = rows[read.known_at - measure.times[rows] >= microseconds(measure.aggregate.labels_later)]
    frauds = int(np.count_nonzero(measure.frauds[old] & (measure.labelled[old] <= read.known_at)))
    found = rate(frauds, len(old), measure.aggregate.prior)
    return NOTHING if found is None else nearly(found)


MEASURES: Mapping[str, Callable[[_Measure, NDArray[np.intp], _Read, bool], AggregateValue]] = {
    "count": lambda _measure, rows, _read, cut: exactly(len(rows), at_least=cut),
    "sum": _sum,
    "mean": _mean,
    "distinct": _distinct,
    "age": _age,
    "since_last": _since_last,
    "fraud_rate": _fraud_rate,
}


def _hours(time_us: int) -> float:
    return float(time_us) / HOUR_US
