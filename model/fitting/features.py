"""What a model of an event type reads: the type's features with the ranks that training gives their categories."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fraudshield.aggregate.aggregate import EntityAggregate
from fraudshield.errors import InvalidInput
from fraudshield.event_type.environment import environment
from fraudshield.event_type.event_type import EventType
from fraudshield.expression.column import Column
from fraudshield.expression.columns import columns
from fraudshield.expression.expression import Expression, feature
from fraudshield.expression.matrix import matrix
from fraudshield.expression.names import RISK, TEXTS
from fraudshield.predictor.columns import Booleans, Floats
from fraudshield.predictor.feature import FeatureEntry, ModelFeatures, read_feature
from model.causal.causal import causal_columns
from model.table.table import PaymentTable, Rows

FEWEST_ROWS = 30  # of a category's value in training: of fewer nothing was learnt, so it is as one that is not known
MOST_VALUES = 500  # of a category have a rank, the most frequent ones
PRIOR_ROWS = 50  # a value's share of fraud is drawn towards the mean by so many
NOT_IN_FILE = frozenset({"outcome", "source", RISK})  # what became of a payment is in no file of payments


@dataclass(frozen=True, slots=True, eq=False)
class FeatureTable:
    """The numbers that a model reads, rows by features, and what they are. `history` says which read an aggregate."""

    entries: tuple[FeatureEntry, ...]
    features: ModelFeatures
    values: Floats
    history: Booleans


def read_aggregates(event_type: EventType) -> tuple[EntityAggregate, ...]:
    """The aggregates that the type's features read. Raises InvalidInput: there is no feature."""
    from fraudshield.aggregate.aggregate import aggregates_of  # noqa: PLC0415

    wanted = {name for one in expressions(event_type).values() for name in one.names.aggregates}
    return tuple(one for one in aggregates_of(event_type).aggregates if one.name in wanted)


def counted(table: PaymentTable, asked: Sequence[EntityAggregate]) -> Mapping[str, Column]:
    """The column of each aggregate: as it was kept with stored decisions, else counted over the file.

    Raises:
        InvalidInput: one reads what no file says.
    """
    if table.kept is not None:
        return {one.name: table.kept[one.name] for one in asked}
    for one in asked:
        if untold := one.reads & NOT_IN_FILE:
            says = f"{one.name} reads {', '.join(sorted(untold))}, which no file of payments has"
            raise InvalidInput(
                f"A model of {table.event_type.name} cannot be trained on a file: {says}", code="not_in_file"
            )
    return causal_columns(asked, table.history(asked))


def expressions(event_type: EventType) -> Mapping[str, Expression]:
    """The type's features. Raises InvalidInput: it has none."""
    if not event_type.features:
        raise InvalidInput(f"The event type {event_type.name} has no features, and a model reads nothing else")
    names = environment(event_type.document, event_type.all_fields)
    return {name: feature(one.value, names) for name, one in event_type.features.items()}


def feature_table(table: PaymentTable, train: Rows, fraud: Booleans) -> FeatureTable:
    """The features of every row; what categories rank by is learnt from the rows to train on."""
    event_type, asked = table.event_type, read_aggregates(table.event_type)
    fields: dict[str, Column] = {**table.fields, **counted(table, asked)}
    names = environment(event_type.document, event_type.all_fields)
    entries = []
    made = expressions(event_type)
    for name, one in event_type.features.items():
        ranks = _ranks(made[name], fields, len(table), train, fraud) if made[name].kind in TEXTS else {}
        entries.append(FeatureEntry(**one.model_dump(), name=name, ranks=ranks))
    features = ModelFeatures([read_feature(entry, names) for entry in entries])
    history = np.array([bool(one.names.aggregates) for one in made.values()], np.bool_)
    return FeatureTable(tuple(entries), features, matrix(features.components, fields, len(table)), history)


def _ranks(
    expression: Expression, fields: Mapping[str, Column], rows: int, train: Rows, fraud: Booleans
) -> dict[str, float]:
    """The values from the least to the most fraudulent."""
    found = columns(expression, fields, rows)
    known = found.known[train]
    texts: Sequence[str] = np.broadcast_to(found.values, rows)[train][known].tolist()
    values, of, counts = np.unique(np.array(texts, dtype=str), return_inverse=True, return_counts=True)
    frauds = np.bincount(of, weights=fraud[train][known], minlength=len(values))
    mean = float(fraud[train].mean())
    share = (frauds + PRIOR_ROWS * mean) / (counts + PRIOR_ROWS)
    frequent = np.argsort(-counts, kind="stable")[:MOST_VALUES]
    kept = [at for at in frequent.tolist() if counts[at] >= FEWEST_ROWS] or frequent.tolist()
    order = sorted(kept, key=lambda at: (share[at], values[at]))
    return {str(values[at]): float(rank) for rank, at in enumerate(order)} or {"": 0.0}
