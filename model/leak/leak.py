"""The search for leaks: each is named, with what was found and what to do, and stops a training unless it is accepted.

A model that was told the answer looks perfect on its test and is worth nothing on the first day. Searched are the
type's fields and features; aggregates are worked out by us, causally, so of them only the time of labels can be wrong.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np

from fraudshield.errors import InvalidInput
from fraudshield.predictor.columns import Floats
from model.fitting.features import FeatureTable
from model.fitting.split import Split
from model.leak.alone import tells_alone
from model.leak.early_rate import early_aggregates, early_columns
from model.leak.id_range import id_ranges
from model.leak.repeat import repeats
from model.table.table import PaymentTable

KINDS = ("id_range", "later_flag", "copied_label", "early_rate", "row_in_both_parts")


@dataclass(frozen=True, slots=True)
class Leak:
    """`name` is what `--accept-leak` takes: the kind, and which field it is of."""

    name: str
    says: str


def leaks(table: PaymentTable, split: Split, features: FeatureTable) -> list[Leak]:
    """All that are found, the same one once."""
    found = {one.name: one for one in _leaks(table, split, features)}
    copied = {name.partition(":")[2] for name in found if name.startswith("copied_label")}
    return [
        one for name, one in found.items() if not (name.startswith("id_range") and name.partition(":")[2] in copied)
    ]


def _leaks(table: PaymentTable, split: Split, features: FeatureTable) -> Iterator[Leak]:
    rows = np.concatenate([split.train, split.tune, split.calibrate, split.test])
    fraud = table.truth.fraud[rows]
    some = table.rows(rows)
    for name, column in some.fields.items():
        field = table.event_type.all_fields.get(name)
        if field is not None and field.kind == "text":
            yield from (Leak(*one) for one in id_ranges(name, column, fraud))
        elif field is not None and field.kind != "instant" and not field.later:
            yield from (Leak(*one) for one in tells_alone(name, column.values, fraud))
    for at, (name, history) in enumerate(zip(features.features.names, features.history.tolist(), strict=True)):
        if not history:
            values: Floats = features.values[rows, at]
            yield from (Leak(*one) for one in tells_alone(name, values, fraud))
    yield from (Leak(*one) for one in early_aggregates(table))
    yield from (Leak(*one) for one in early_columns(some, fraud))
    yield from (Leak(*one) for one in repeats(table, split))


def expect_accepted(found: Collection[Leak], accepted: Collection[str]) -> None:
    """Raises InvalidInput: an accepted leak is none that is searched for."""
    for name in accepted:
        if name not in {one.name for one in found}:
            named = ", ".join(one.name for one in found) or "none"
            raise InvalidInput(f"--accept-leak {name}: no such leak was found; found were {named}")
