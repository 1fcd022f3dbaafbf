"""Which event type a model goes with: its manifest names a version, and the API has to have it as it was."""

from typing import Protocol

from pydantic import ValidationError

from fraudshield.errors import ModelRefused, NotFound, UnknownEventType
from fraudshield.event_type.event_type import EventType
from fraudshield.event_type.payment import BUILT_IN
from fraudshield.predictor.artifact import Artifact, Model, read
from fraudshield.predictor.manifest import ModelEventType, NamesEventType


class TypeVersions(Protocol):
    """The event types that there are. Both methods raise UnknownEventType, StoreUnavailable."""

    def newest(self, name: str) -> EventType:
        """The version in force."""

    def version(self, name: str, number: int) -> EventType:
        """Any version. Raises NotFound."""


def read_of_type(
    artifact: Artifact, event_type: str, types: TypeVersions, version: str = "", sha256: str = ""
) -> Model:
    """A model of this event type, held against the version that its manifest names, and against the newest one.

    Raises:
        ModelRefused: as `artifact.read`; or there is no such event type or version, or the newest one has an aggregate
            that the model reads in another form.
        StoreUnavailable: the event type could not be read.
    """
    if event_type == BUILT_IN.name:
        return read(artifact, version, sha256)
    named = _named(artifact)
    if named.name != event_type:
        raise ModelRefused(f"the model is of the event type {named.name}, expected {event_type}")
    try:
        newest, of = types.newest(event_type), types.version(event_type, named.version)
    except (UnknownEventType, NotFound) as exc:
        raise ModelRefused(f"the model is of version {named.version} of {event_type}: {exc}") from exc
    model = read(artifact, version, sha256, of)
    for name in _changed(model, of, newest):
        says = f"version {newest.version} of {event_type} has not the {name} that the model was trained with"
        raise ModelRefused(f"{says} (version {of.version}): train it again")
    return model


def changed_aggregates(artifact: Artifact, newest: EventType, types: TypeVersions) -> list[str]:
    """Those that a model of an event type reads and that the newest version has in another form, or not at all.

    Raises ModelRefused, UnknownEventType, NotFound, StoreUnavailable: it cannot be told.
    """
    of = types.version(newest.name, _named(artifact).version)
    return _changed(read(artifact, event_type=of), of, newest)


def _changed(model: Model, of: EventType, newest: EventType) -> list[str]:
    asked = sorted(model.features.aggregates)
    return [name for name in asked if newest.aggregates.get(name) != of.aggregates[name]]


def _named(artifact: Artifact) -> ModelEventType:
    try:
        return NamesEventType.model_validate_json(artifact.manifest).event_type
    except ValidationError as exc:
        fault = exc.errors(include_url=False)[0]
        raise ModelRefused(f"manifest.json: {'.'.join(map(str, fault['loc'])) or 'the file'}: {fault['msg']}") from exc
