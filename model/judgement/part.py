"""The same figures by category and by month: where a model is good, and where there is too little to tell."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from fraudshield.policy.policy import Thresholds
from model.judgement.measure import TestRows
from model.quantile import Integers
from model.table.table import PaymentTable, Rows

MOST_PARTS = 12  # of one field, the most frequent ones
FEWEST = 10  # frauds; of fewer, shares of them say nothing
Names = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Part:
    """The payments that have one value of a field, or are of one month. What there are too few frauds for is None."""

    field: str
    value: str
    payments: int
    frauds: int
    flagged_share: float
    recall: float | None
    precision: float | None
    expected_over_observed: float | None


def parts(table: PaymentTable, test: Rows, rows: TestRows, thresholds: Thresholds) -> list[Part]:
    """By every category of the event type, then by month."""
    fields = [name for name, one in table.event_type.all_fields.items() if one.kind == "category" and not one.later]
    found = [one for name in fields for one in _of(name, table.texts(name)[test], rows, thresholds)]
    return [*found, *_of("month", _months(table.occurred_at[test]), rows, thresholds, by_name=True)]


def _months(at_us: Integers) -> Names:
    months = [datetime.fromtimestamp(at // 1_000_000, UTC).strftime("%Y-%m") for at in at_us.tolist()]
    return np.array(months, object)


def _of(field: str, values: Names, rows: TestRows, thresholds: Thresholds, *, by_name: bool = False) -> Iterator[Part]:
    named = np.array([one or "(none)" for one in values.tolist()], dtype=str)
    known, counts = np.unique(named, return_counts=True)
    order = np.arange(len(known)) if by_name else np.argsort(-counts, kind="stable")[:MOST_PARTS]
    for at in order.tolist():
        some = named == known[at]
        fraud, risk, weight = rows.fraud[some], rows.risk[some], rows.weight[some]
        flagged, frauds = risk >= float(thresholds.review), int(fraud.sum())
        caught = float(weight[flagged & fraud].sum())
        yield Part(
            field,
            str(known[at]),
            int(counts[at]),
            frauds,
            round(float(weight[flagged].sum() / weight.sum()), 6),
            round(caught / float(weight[fraud].sum()), 4) if frauds >= FEWEST else None,
            round(caught / float(weight[flagged].sum()), 4) if flagged.sum() >= FEWEST else None,
            round(float(np.sum(weight * risk) / weight[fraud].sum()), 3) if frauds >= FEWEST else None,
        )
