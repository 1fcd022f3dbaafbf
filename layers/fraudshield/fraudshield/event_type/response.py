"""Event types as the API shows them."""

from collections.abc import Iterator, Sequence
from typing import Any, NotRequired, cast

from typing_extensions import TypedDict

from fraudshield.event_type.aggregate import Aggregate
from fraudshield.event_type.environment import zone_of
from fraudshield.event_type.event_type import EventType, LabelDelay, Unknown
from fraudshield.event_type.feature import Feature
from fraudshield.event_type.field import EventField
from fraudshield.text.schema import Moment


class EventTypeResponse(TypedDict):
    """A version of an event type. `fields` are its own, `inherited` those of what it extends, as of then.

    `reporting_currency` is the one that sums and rules go by, whether it is said or that of every amount; null where
    there is none. `slots` are the indexes that its entities have, for good. `without_effect` points at what is kept as
    it was written and not acted on by this release. `quality` of the newest version says `nothing_decides` where all
    its payments are approved: it has no model, and its policy no condition. `model_reads_otherwise`, where a version is
    put, names the aggregates that the model in force was trained with in another form: it is to be trained again.
    """

    name: str
    version: int
    digest: str
    extends: str | None
    amount_currency: str | None
    reporting_currency: str | None
    lineage: list[str]
    fields: dict[str, EventField]
    inherited: dict[str, EventField]
    aggregates: dict[str, Aggregate]
    features: dict[str, Feature]
    unknown: Unknown
    label: LabelDelay | None
    shown: list[str]
    slots: dict[str, list[int]]
    without_effect: list[str]
    quality: NotRequired[list[str]]
    model_reads_otherwise: NotRequired[list[str]]
    created_at: Moment | None
    created_by: str
    actor: NotRequired[str]


class EventTypesResponse(TypedDict):
    """All event types, each in its newest version."""

    event_types: list[EventTypeResponse]
    count: int


def event_type_response(event_type: EventType) -> EventTypeResponse:
    """A version as the API shows it."""
    empty: dict[str, Any] = {"extends": None, "label": None, "created_at": None, "created_by": ""}
    empty |= {"amount_currency": None, "reporting_currency": None}
    empty |= {name: {} for name in ("fields", "inherited", "aggregates", "features")}
    empty |= {"lineage": [], "shown": [], "without_effect": [*_without_effect(event_type)]}
    empty["slots"] = {entity: [*numbers] for entity, numbers in sorted(event_type.slots.items())}
    return cast(EventTypeResponse, empty | event_type.model_dump() | {"reporting_currency": event_type.reporting})


def event_types_response(event_types: Sequence[EventType]) -> EventTypesResponse:
    """All of them as the API shows them."""
    return {"event_types": [event_type_response(one) for one in event_types], "count": len(event_types)}


def _without_effect(event_type: EventType) -> Iterator[str]:
    zone = zone_of(event_type.all_fields)
    yield from (f"/fields/{name}/zone" for name, field in event_type.fields.items() if field.zone not in (None, zone))
