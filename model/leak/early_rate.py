"""Rates of fraud that count what nobody knew yet: labels without the time that they take."""

from collections.abc import Iterator
from datetime import timedelta

import numpy as np

from fraudshield.aggregate.aggregate import LABEL
from fraudshield.expression.column import Column
from fraudshield.predictor.columns import Booleans, Floats
from model.causal.timeline import Timeline, codes_of
from model.fitting.features import read_aggregates
from model.table.table import NEVER, PaymentTable

FEWEST = 20  # payments after a fraud that nobody had reported yet
TELLS = 0.9  # how surely a column tells those from payments after none: 0.5 is by chance
Found = tuple[str, str]


def early_aggregates(table: PaymentTable) -> Iterator[Found]:
    """Aggregates over labels whose times are in no file, where the type says that labels take no time.

    What was kept with a decision counted what was known then.
    """
    if table.kept is not None:
        return
    truth = table.truth
    frauds = truth.fraud
    delays = truth.labelled_at[frauds] - table.occurred_at[frauds]
    at_once = not truth.timed[frauds].any() or (len(delays) > 0 and float(np.median(delays)) < 1_000_000)
    for one in read_aggregates(table.event_type):
        if LABEL in one.reads and at_once and one.labels_later == timedelta():
            says = f"{one.name} counts a fraud from the moment on at which it happens"
            yield f"early_rate:{one.name}", f"{says}: say --labelled-at, or labels_later in the type"


def early_columns(table: PaymentTable, fraud: Booleans) -> Iterator[Found]:
    """Numbers that a file brings along, and that are higher after a fraud which nobody had reported yet."""
    numbers = {
        name: table.fields[name].values
        for name, one in table.event_type.all_fields.items()
        if one.kind in ("number", "integer") and name in table.fields
    }
    entities = [name for name, one in table.event_type.all_fields.items() if one.entity_of(name)]
    for entity in entities if numbers else []:
        unreported, clean = _after_frauds(table, entity, fraud)
        if np.count_nonzero(unreported) < FEWEST or not clean.any():
            continue
        for name, values in numbers.items():
            told = _auc(values[unreported], values[clean])
            if told >= TELLS:
                says = f"{name} is higher after a fraud of the same {entity} that nobody had reported yet"
                yield f"early_rate:{name}", f"{says} (told apart in {told:.0%} of pairs): it counts labels too early"


def _after_frauds(table: PaymentTable, entity: str, fraud: Booleans) -> tuple[Booleans, Booleans]:
    """Rows after a fraud of their entity of which none was known yet, and genuine rows after none at all."""
    [codes] = codes_of([table.texts(entity)])
    events = Timeline.of([codes], codes, table.occurred_at)
    frauds = events.only(fraud[events.row])
    ever = np.full(len(frauds.row), NEVER)
    happened = frauds.in_force(frauds.at + 1, ever)
    known = frauds.in_force(np.maximum(table.truth.labelled_at[frauds.row], frauds.at + 1), ever)
    return (happened > 0) & (known == 0), (happened == 0) & ~fraud & (codes >= 0)


def _auc(some: Floats, others: Floats) -> float:
    """How often a value of `some` is above one of the others; a tie counts half, what is missing is left out."""
    some, others = np.sort(some[~np.isnan(some)]), np.sort(others[~np.isnan(others)])
    if not len(some) or not len(others):
        return 0.5
    below = np.searchsorted(others, some, "left") + np.searchsorted(others, some, "right")
    return float(below.mean() / (2 * len(others)))


__all__ = ["Column", "early_aggregates", "early_columns"]
