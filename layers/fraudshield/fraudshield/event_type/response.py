"""Event types as the API shows them."""

from collections.abc import Iterator, Sequence
from typing import Any, NotRequired, cast

from typing_extensions import TypedDict

from fraudshield.event_type.aggregate import Aggregate
from fraudshield.event_type.event_type import EventType, Unknown
from fraudshield.event_type.feature import Feature
from fraudshield.event_type.field import EventField
from fraudshield.text.schema import Moment

# Parts of a field that are kept and that nothing reads yet.
UNREAD = ("zone",)


class EventTypeResponse(TypedDict):
    """A version of an event type. `fields` are its own, `inherited` those of what it extends, as of then.

    `slots` are the indexes that its entities have, for good. `without_effect` points at what is kept as it was written
    and not acted on by this release. `quality` of the newest version says `nothing_decides` where all its payments are
    approved: it has no model, and its policy no condition.
    """

    name: str
    version: int
    digest: str
    extends: str | None
    lineage: list[str]
    fields: dict[str, EventField]
    inherited: dict[str, EventField]
    aggregates: dict[str, Aggregate]
    features: dict[str, Feature]
    unknown: Unknown
    shown: list[str]
    slots: dict[str, list[int]]
    without_effect: list[str]
    quality: NotRequired[list[str]]
    created_at: Moment | None
    created_by: str
    actor: NotRequired[str]


class EventTypesResponse(TypedDict):
    """All event types, each in its newest version."""

    event_types: list[EventTypeResponse]
    count: int


def event_type_response(event_type: EventType) -> EventTypeResponse:
    """A version as the API shows it."""
    empty: dict[str, Any] = {"extends": None, "created_at": None, "created_by": ""}
    empty |= {name: {} for name in ("fields", "inherited", "aggregates", "features")}
    empty |= {"lineage": [], "shown": [], "without_effect": [*_without_effect(event_type)]}
    empty["slots"] = {entity: [*numbers] for entity, numbers in sorted(event_type.slots.items())}
    return cast(EventTypeResponse, empty | event_type.model_dump())


def event_types_response(event_types: Sequence[EventType]) -> EventTypesResponse:
    """All of them as the API shows them."""
    return {"event_types": [event_type_response(one) for one in event_types], "count": len(event_types)}


def _without_effect(event_type: EventType) -> Iterator[str]:
    for name, field in event_type.fields.items():
        yield from (f"/fields/{name}/{part}" for part in UNREAD if getattr(field, part))
