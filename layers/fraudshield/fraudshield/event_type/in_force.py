"""What is in force: one item, which names versions with their digests: of event types, policies and the rates."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from fraudshield.event_type.entity import with_slots
from fraudshield.event_type.event_type import EventType


class TypeVersion(BaseModel):
    """A version of a document and its digest, by which a process knows whether it has read it."""

    model_config = ConfigDict(frozen=True, extra="allow")

    version: Annotated[int, Field(ge=1)]
    digest: str


class BlockShares(BaseModel):
    """The shares of payments that a version may block, that each of its rules may, and some rules by code."""

    model_config = ConfigDict(frozen=True)

    share: float
    rule_share: float
    rules: dict[str, float] = Field(default_factory=dict)


class PolicyPointer(TypeVersion):
    """The version of a policy that decides. `before` are those that did before it, last the one that did until then.

    `blocks` is what it may block; None where no test said so. `control_key` draws its control share, if it has one.
    """

    before: tuple[int, ...] = ()
    blocks: Annotated[BlockShares | None, Field(exclude_if=lambda shares: shares is None)] = None
    control_key: Annotated[str | None, Field(exclude_if=lambda key: key is None, repr=False)] = None

    def next(
        self, version: int, digest: str, blocks: BlockShares | None = None, control_key: str | None = None
    ) -> "PolicyPointer":
        """The pointer to another version, which can be taken back."""
        before = (*self.before, self.version)[-MOST_BEFORE:]
        return PolicyPointer(version=version, digest=digest, before=before, blocks=blocks, control_key=control_key)


class NamedModel(BaseModel):
    """A version of a model, and the digest of its manifest; both are empty where it is the one of the release.

    `policy_version` is the version of the policy that was put in force together with it, where one was.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    version: str = ""
    sha256: str = ""
    policy_version: int | None = None


class Challenger(NamedModel):
    """A model that is judged beside the one that scores, of payments decided since `since` (RFC 3339)."""

    since: str


class ModelPointer(NamedModel):
    """The model that scores. `before` are those that did before it, last the one that did until then.

    `challengers` score beside it, without effect.
    """

    before: tuple[NamedModel, ...] = ()
    challengers: Annotated[tuple[Challenger, ...], Field(exclude_if=lambda found: not found)] = ()

    @property
    def named(self) -> NamedModel:
        """The model that scores alone."""
        return NamedModel(**self.model_dump(exclude={"before", "challengers"}))


MOST_CHALLENGERS = 3
MOST_BEFORE = 20  # versions that can be gone back, one after the other


class BreakerState(BaseModel):
    """What of a version of a policy may not block for now: all of it (`whole`), or rules by their codes.

    `share` is what was used up when it opened, by `blocked` of the last `payments`. `closed_at` is when somebody closed
    it by hand, with a `note`: what was blocked until then counts no more. Times are RFC 3339.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    version: int
    whole: bool = False
    rules: tuple[str, ...] = ()
    cause: Literal["version", "rule", "traffic"] | None = None
    opened_at: str | None = None
    blocked: int = 0
    payments: int = 0
    share: float = 0.0
    closed_at: str | None = None
    note: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it holds anything back."""
        return self.whole or bool(self.rules)


class InForce(BaseModel):
    """All that is in force. `revision` counts its changes. What a newer release notes here is kept.

    `slots` are those of entities, by name: `{"device": [1], "address": [2, 3]}` where a type has two fields that name
    an address. Slot 1 is the attribute `entity_1` and the index `by_entity_1`. None is ever given to another entity.
    `breakers` are by event type, and not by whose policy decides.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    revision: int = 0
    event_types: dict[str, TypeVersion] = Field(default_factory=dict)
    slots: dict[str, tuple[int, ...]] = Field(default_factory=dict)
    rates: TypeVersion | None = None
    policies: dict[str, PolicyPointer] = Field(default_factory=dict, exclude_if=lambda policies: not policies)
    breakers: dict[str, BreakerState] = Field(default_factory=dict, exclude_if=lambda breakers: not breakers)
    models: dict[str, ModelPointer] = Field(default_factory=dict, exclude_if=lambda models: not models)

    def with_type(self, event_type: EventType, others: Iterable[EventType] = ()) -> "InForce":
        """The same with a new version of an event type, and slots for its entities and those of `others`.

        Raises NoSlot.
        """
        named = {event_type.name: TypeVersion(version=event_type.version, digest=event_type.digest)}
        slots = with_slots(self.slots, [one.all_fields for one in (*others, event_type)])
        return self._changed(event_types=dict(sorted((self.event_types | named).items())), slots=slots)

    def with_slots(self, types: Iterable[EventType]) -> "InForce":
        """The same with a slot for each entity of these types; itself where all have theirs. Raises NoSlot."""
        slots = with_slots(self.slots, [one.all_fields for one in types])
        return self if slots == self.slots else self._changed(slots=slots)

    def with_rates(self, version: int, digest: str) -> "InForce":
        """The same with another version of the rates."""
        return self._changed(rates=TypeVersion(version=version, digest=digest))

    def with_policy(self, event_type: str, pointer: PolicyPointer) -> "InForce":
        """The same with another version of an event type's policy."""
        return self._changed(policies=dict(sorted((self.policies | {event_type: pointer}).items())))

    def with_breaker(self, event_type: str, breaker: BreakerState) -> "InForce":
        """The same with another state of an event type's breaker."""
        return self._changed(breakers=dict(sorted((self.breakers | {event_type: breaker}).items())))

    def with_model(self, event_type: str, model: NamedModel) -> "InForce":
        """The same with another model for an event type."""
        replaced = self.models.get(event_type, ModelPointer())
        before = (*replaced.before, replaced.named)[-MOST_BEFORE:]
        left = tuple(one for one in replaced.challengers if one.sha256 != model.sha256)
        pointer = ModelPointer(**model.model_dump(), before=before, challengers=left)
        return self._changed(models=dict(sorted((self.models | {event_type: pointer}).items())))

    def without_model(self, event_type: str) -> "InForce":
        """The same with the model that scored before this one; the release's own needs no name."""
        *before, last = self.models[event_type].before
        challengers = self.models[event_type].challengers
        models = {name: one for name, one in self.models.items() if name != event_type}
        if last.version or before or challengers:
            models[event_type] = ModelPointer(**last.model_dump(), before=tuple(before), challengers=challengers)
        return self._changed(models=dict(sorted(models.items())))

    def with_challenger(self, event_type: str, challenger: Challenger) -> "InForce":
        """The same with one more, of which the newest `MOST_CHALLENGERS` are kept."""
        pointer = self.models.get(event_type, ModelPointer())
        challengers = (*pointer.challengers, challenger)[-MOST_CHALLENGERS:]
        changed = pointer.model_copy(update={"challengers": challengers})
        return self._changed(models=dict(sorted((self.models | {event_type: changed}).items())))

    def _changed(self, **parts: object) -> "InForce":
        return self.model_copy(update={"revision": self.revision + 1, **parts})
