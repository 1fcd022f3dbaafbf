"""What a model reads of a payment: the features that its manifest names, as expressions over the payment's fields."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import isnan
from typing import Annotated

from pydantic import Field, FiniteFloat

from fraudshield.event_type.feature import Feature
from fraudshield.event_type.field import FieldName
from fraudshield.event_type.payment import PAYMENT_FIELDS
from fraudshield.event_type.sentence import Sentence, sentence
from fraudshield.expression import amount
from fraudshield.expression.expression import feature
from fraudshield.expression.names import TEXTS, Environment, Kind
from fraudshield.expression.reading import Values
from fraudshield.expression.tree import Reading, below
from fraudshield.expression.vector import Component, vector
from fraudshield.text.json_text import narrowed
from fraudshield.transaction.own import OwnTransaction
from fraudshield.transaction.transaction import Transaction
from fraudshield.transaction.value import OCCURRED_AT, values_of

MOST_RANKS = 10_000
NO_AGGREGATES: Values = {}
Value = float | Decimal | None  # None is missing


class FeatureEntry(Feature):
    """A feature as a manifest has it: its own copy, and the ranks that training gave the values of a category."""

    name: FieldName
    ranks: Annotated[dict[str, FiniteFloat], Field(max_length=MOST_RANKS)] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class ModelFeature:
    """A feature by its name, ready to be evaluated and said. `code` is its reason's."""

    name: str
    code: str
    component: Component
    sentence: Sentence

    def says(self, value: Value) -> str:
        """The sentence for a value as it is shown."""
        if value is None:
            return self.sentence.of(None)
        if self.component.expression.kind is Kind.BOOLEAN:
            return self.sentence.of(bool(value))
        return self.sentence.of(self.category(value) or value)

    def category(self, value: Value) -> str | None:
        """The text that has this rank; None where none has, and for a feature that is no category."""
        return next((text for text, rank in self.component.ranks.items() if rank == value), None)


class ModelFeatures:
    """The features of a model in the order that it reads them. One that has no value for a payment is NaN."""

    def __init__(self, features: Sequence[ModelFeature] = ()) -> None:
        self.each = tuple(features)
        self.names = tuple(one.name for one in self.each)
        self.components = tuple(one.component for one in self.each)
        self.fields = frozenset[str]().union(*(one.expression.names.fields for one in self.components))
        self.aggregates = frozenset[str]().union(*(one.expression.names.aggregates for one in self.components))
        self._vector = vector(self.components)
        self._kinds = {
            one.name: one.kind
            for component in self.components
            for one in below(component.expression.tree)
            if isinstance(one, Reading) and one.name in self.fields
        }
        self._reads_time = OCCURRED_AT in self.fields
        self._reads_own = bool(self.aggregates) or not self.fields <= PAYMENT_FIELDS.keys()

    def of(
        self, transaction: Transaction, occurred_at: datetime, aggregates: Values = NO_AGGREGATES
    ) -> tuple[float, ...]:
        """The numbers for a payment; `aggregates` are the readings of those that they read, by name.

        Those of a type of one's own read money in the reporting currency, as rules do; payment's read what was sent.
        `fraudshield.expression.matrix` gives the same over columns, to the last bit.
        """
        if self._reads_own or isinstance(transaction, OwnTransaction):
            return self._vector({**values_of(transaction, occurred_at, self._kinds), **aggregates})
        values = {**transaction.values, OCCURRED_AT: occurred_at} if self._reads_time else transaction.values
        return self._vector(values)  # type: ignore[arg-type]

    def shown(self, transaction: Transaction, numbers: Sequence[float]) -> tuple[Value, ...]:
        """The numbers as people read them: an amount is what was sent, and not the nearest float64."""
        return tuple([_shown(one, transaction, number) for one, number in zip(self.components, numbers, strict=True)])


def read_feature(written: FeatureEntry, environment: Environment) -> ModelFeature:
    """A feature that goes with this environment.

    Raises:
        InvalidExpression: its value or a case is no expression over what there is.
        ValueError: it is a category without ranks.
    """
    expression = feature(written.value, environment)
    if expression.kind in TEXTS and not written.ranks:
        raise ValueError("it is a category, and has no ranks")
    said = sentence(written.name, written, expression.tree)
    return ModelFeature(written.name, written.code or written.name, Component(expression, written.ranks), said)


def _shown(component: Component, transaction: Transaction, number: float) -> Value:
    if isnan(number):
        return None
    exact = amount.amount(component.expression.tree, transaction.values)
    return number if exact is None else narrowed(exact)
