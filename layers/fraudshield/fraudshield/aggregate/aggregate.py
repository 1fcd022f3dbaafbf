"""Aggregates of an event type, ready to be worked out: what is counted, over which payments, how far back.

Two clocks say what counts: what *happened* before the payment (`occurred_at` strictly earlier, and later than the
start of the window), and what was *known* when it was decided (`decided_at` strictly earlier; a label from its
`labelled_at` on, and at least `labels_later` after its payment).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import cast

from fraudshield.event_type.aggregate import Aggregate, Measure, length
from fraudshield.event_type.aggregate_check import field_of
from fraudshield.event_type.environment import carried, history_environment
from fraudshield.event_type.event_type import EventType, Fields
from fraudshield.event_type.field import EventField
from fraudshield.expression.expression import Expression, condition
from fraudshield.expression.names import RISK, Kind

MOST_TYPES = 64
AMOUNT, LABEL = "amount", "label"


@dataclass(frozen=True, slots=True)
class EntityAggregate:
    """One aggregate. `over` is the field that names the entity; of accounts only what they did in the same `role`.

    `named_by` are the fields of its type by which earlier payments may name the same: of a role only that one.
    `kinds` are those of what earlier payments are known by. `positive` is whether nothing that is added up is below 0,
    so that a sum of some is at most that of all.
    """

    name: str
    measure: Measure
    over: str
    entity: str
    role: str | None
    named_by: tuple[str, ...]
    kinds: Mapping[str, Kind]
    measured: str | None = None
    within: timedelta | None = None
    where: Expression | None = None
    labels_later: timedelta = timedelta()
    prior: float | None = None
    keep: bool = False
    busy: bool = False
    positive: bool = True

    @property
    def reads(self) -> frozenset[str]:
        """What is known of earlier payments that it reads, by name."""
        names = {self.measured} if self.measured else set()
        names |= {LABEL} if self.measure == "fraud_rate" else set()
        if self.where is not None:
            names |= self.where.names.fields | ({RISK} if self.where.names.risk else set())
        return frozenset(names)


@dataclass(frozen=True, slots=True)
class EventTypeAggregates:
    """All aggregates of a version of an event type."""

    aggregates: tuple[EntityAggregate, ...] = ()
    kept: frozenset[str] = field(default_factory=frozenset)

    def asked(self, names: Collection[str]) -> tuple[EntityAggregate, ...]:
        """Those of these names, and those that are kept whoever asks. Nothing else is read."""
        return tuple(one for one in self.aggregates if one.name in names or one.name in self.kept)


KNOWN: dict[str, EventTypeAggregates] = {}


def aggregates_of(event_type: EventType) -> EventTypeAggregates:
    """The aggregates of a version, made when they are first asked for."""
    known = KNOWN.get(event_type.digest)
    if known is None:
        if len(KNOWN) >= MOST_TYPES:
            KNOWN.clear()
        found = tuple(_compiled(name, one, event_type) for name, one in event_type.aggregates.items())
        known = EventTypeAggregates(found, frozenset(one.name for one in found if one.keep))
        KNOWN[event_type.digest] = known
    return known


def _compiled(name: str, one: Aggregate, event_type: EventType) -> EntityAggregate:
    """The aggregate of a document that was checked. Raises InvalidExpression, ValueError: it was not."""
    fields, shown = event_type.all_fields, event_type.shown
    found = field_of(one, fields)
    if found is None:
        raise ValueError(f"{name} is over {one.over}, which names nothing")
    over, by = found
    return EntityAggregate(
        name=name,
        measure=cast(Measure, one.measure),
        over=over,
        entity=by.entity_of(over) or "",
        role=by.role,
        named_by=(over,) if by.role or by.busy else _naming(by.entity_of(over), fields),
        kinds=carried(fields, shown),
        measured=one.measured,
        within=length(one.within) if one.within else None,
        where=condition(one.where, history_environment(fields, shown)) if one.where else None,
        labels_later=length(one.labels_later) if one.labels_later else event_type.labels_later,
        prior=None if one.prior is None else float(one.prior),
        keep=one.keep,
        busy=by.busy,
        positive=one.measured == AMOUNT or _is_positive(fields.get(one.measured or "")),
    )


def _naming(entity: str | None, fields: Fields) -> tuple[str, ...]:
    """The fields that take a slot for this entity."""
    return tuple(name for name, field in fields.items() if field.entity_of(name) == entity and not field.busy)


def _is_positive(measured: EventField | None) -> bool:
    return measured is not None and measured.minimum is not None and measured.minimum >= 0
