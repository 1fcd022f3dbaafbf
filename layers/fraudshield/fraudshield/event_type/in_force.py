"""What is in force: one item, which names the newest version of each event type with its digest."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from fraudshield.event_type.event_type import EventType


class TypeVersion(BaseModel):
    """A version of an event type and its digest, by which a process knows whether it has read it."""

    model_config = ConfigDict(frozen=True, extra="allow")

    version: Annotated[int, Field(ge=1)]
    digest: str


class InForce(BaseModel):
    """All that is in force. `revision` counts its changes. What a newer release notes here is kept."""

    model_config = ConfigDict(frozen=True, extra="allow")

    revision: int = 0
    event_types: dict[str, TypeVersion] = Field(default_factory=dict)

    def with_type(self, event_type: EventType) -> "InForce":
        """The same with a new version of an event type."""
        named = {event_type.name: TypeVersion(version=event_type.version, digest=event_type.digest)}
        return self.model_copy(
            update={"revision": self.revision + 1, "event_types": dict(sorted((self.event_types | named).items()))}
        )
