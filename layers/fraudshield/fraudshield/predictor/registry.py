"""The models of an event type: which are published, which one scores, and how that changes and is taken back."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from fraudshield.audit.audit import Action, AuditEntry, Author
from fraudshield.errors import Conflict, FraudShieldError, ModelRefused
from fraudshield.event_type.event_type import EventType
from fraudshield.event_type.in_force import Challenger, InForce, ModelPointer, NamedModel
from fraudshield.event_type.payment import BUILT_IN
from fraudshield.policy.port import Beside
from fraudshield.policy.versioning.draft import ActivationRequest
from fraudshield.policy.versioning.version import NothingBefore, VersionService
from fraudshield.predictor.own_type import TypeVersions, changed_aggregates, read_of_type
from fraudshield.predictor.published import ModelStore, PublishedModel, find
from fraudshield.predictor.registry_request import ModelActivation
from fraudshield.text.timestamp import timestamp

State = Literal["champion", "challenger", "published", "retired"]
MOST_SHOWN = 50


class UnfitModel(Conflict):
    """The artifact is damaged, of another event type, or in a form that this release does not read."""

    code = "model_unfit"


class IsChampion(Conflict):
    """The model is in force."""

    code = "is_champion"


class ModelConflict(Conflict):
    """Another model was put in force meanwhile."""

    code = "model_conflict"


class Gate(Protocol):
    """What a model has to pass before it takes the place of another."""

    def check(self, event_type: str, challenger: NamedModel, champion: NamedModel, at: datetime) -> None:
        """Raises Conflict where it does not pass; StoreUnavailable."""


class ModelPointers(Protocol):
    """Which models are in force. Both methods raise StoreUnavailable."""

    def now(self) -> InForce:
        """What is in force, read now."""

    def change(self, change: Callable[[InForce], InForce], entry: AuditEntry) -> None:
        """Changes it together with its audit entry, or neither. Raises ModelConflict."""


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A published model, where it stands, and what its manifest says."""

    model: PublishedModel
    state: State
    manifest: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ChampionModel:
    """The model in force and the version of the policy beside it; without a name it is the release's own."""

    model: NamedModel
    policy_version: int


@dataclass(frozen=True, slots=True)
class ModelRegistry:
    """`versions` makes the service of the type's policy, whose writes take along what is given to it."""

    event_type: EventType
    types: TypeVersions
    store: ModelStore
    pointers: ModelPointers
    versions: Callable[[Beside | None], VersionService]
    gate: Gate

    def champion(self) -> ChampionModel:
        """What scores now. Raises StoreUnavailable."""
        return ChampionModel(self._pointer(self.pointers.now()), self.versions(None).active.newest().version)

    def entries(self) -> Sequence[ModelEntry]:
        """The published models, last version first. Raises StoreUnavailable, FilesUnavailable."""
        pointer = self._pointer(self.pointers.now())
        retired = {(one.version, one.sha256) for one in pointer.before}
        shown = [*reversed(self.store.published(self.event_type.name))][:MOST_SHOWN]
        return [ModelEntry(one, _state(one, pointer, retired), self._manifest(one)) for one in shown]

    def reads_otherwise(self) -> Sequence[str]:
        """The aggregates that the model in force reads and that the type's newest version has in another form.

        None where that cannot be told: the type is stored whatever is found.
        """
        with suppress(FraudShieldError):
            pointer = self._pointer(self.pointers.now())
            if pointer.version and self.event_type.name != BUILT_IN.name:
                found = PublishedModel(self.event_type.name, pointer.version, pointer.sha256)
                return changed_aggregates(self.store.artifact(found), self.event_type, self.types)
        return ()

    def report(self, version: str) -> str:
        """The report of a published model. Raises NotFound, FilesUnavailable."""
        return self.store.report(find(self.store, self.event_type.name, version))

    def activate(self, version: str, asked: ModelActivation, by: Author, at: datetime) -> ChampionModel:
        """Puts a published model in force, and the version of the policy that goes with it, in one write.

        Raises:
            NotFound: it is not published, or there is no such version of the policy.
            UnfitModel, AmbiguousVersion.
            NotTested, StaleTest, StaleVersion: of the policy, unless that is to be ignored.
            ModelConflict, PolicyConflict: something else was put in force meanwhile.
        """
        published = self._fit(version)
        before = self._pointer(self.pointers.now())
        policy = asked.policy_version or self.versions(None).active.newest().version
        with_policy = policy != self.versions(None).active.newest().version
        named = NamedModel(
            version=published.version, sha256=published.sha256, policy_version=policy if with_policy else None
        )
        if (before.version, before.sha256) == (named.version, named.sha256) and not with_policy:
            return ChampionModel(before, policy)
        if not asked.force and self._has_model(before):
            self.gate.check(self.event_type.name, named, before, at)
        entry = self._entry("activated", before, named, by, at, {"forced": 1} if asked.force else {})

        def change(in_force: InForce) -> InForce:
            self._unless_overtaken(in_force, before)
            return in_force.with_model(self.event_type.name, named)

        if with_policy:
            said = ActivationRequest(note=asked.note, force=asked.force)
            self.versions(Beside(change, entry)).activate(policy, said, by, at)
        else:
            self.pointers.change(change, entry)
        return ChampionModel(named, policy)

    def roll_back(self, by: Author, at: datetime) -> ChampionModel:
        """Puts the model in force that was before this one, and takes back the policy that came with this one.

        A version of the policy that was put in force since then stays. Raises NothingBefore, ModelConflict,
        PolicyConflict.
        """
        pointer = self._pointer(self.pointers.now())
        if not pointer.before:
            raise NothingBefore("No other model was in force before this one")
        entry = self._entry("rolled_back", pointer, pointer.before[-1], by, at, {})

        def change(in_force: InForce) -> InForce:
            self._unless_overtaken(in_force, pointer)
            return in_force.without_model(self.event_type.name)

        active = self.versions(None).active.newest().version
        if pointer.policy_version == active:
            active = self.versions(Beside(change, entry)).roll_back(by, at).policy.version
        else:
            self.pointers.change(change, entry)
        return ChampionModel(pointer.before[-1], active)

    def challengers(self) -> Sequence[Challenger]:
        """The models that are judged beside the one in force. Raises StoreUnavailable."""
        return self._pointer(self.pointers.now()).challengers

    def challenge(self, version: str, by: Author, at: datetime) -> Sequence[Challenger]:
        """Has a published model judged beside the one in force, and gives all that are. Again is no change.

        Raises NotFound, UnfitModel, AmbiguousVersion, ModelConflict: as `activate`; IsChampion.
        """
        published = self._fit(version)
        before = self._pointer(self.pointers.now())
        if before.sha256 == published.sha256:
            raise IsChampion(f"{version} is the model in force: it is what others are judged beside")
        if any(one.sha256 == published.sha256 for one in before.challengers):
            return before.challengers
        made = Challenger(version=version, sha256=published.sha256, since=timestamp(at))
        entry = self._entry("challenged", before, made, by, at, {})
        self.pointers.change(lambda in_force: in_force.with_challenger(self.event_type.name, made), entry)
        return self.challengers()

    def _fit(self, version: str) -> PublishedModel:
        published = find(self.store, self.event_type.name, version)
        try:
            artifact = self.store.artifact(published)
            read_of_type(artifact, self.event_type.name, self.types, version, published.sha256)
        except ModelRefused as exc:
            raise UnfitModel(str(exc)) from exc
        return published

    def _has_model(self, pointer: ModelPointer) -> bool:
        """Whether the type has a model of its own; the first one is compared with nothing."""
        return bool(pointer.version) or self.event_type.name == BUILT_IN.name

    def _pointer(self, in_force: InForce) -> ModelPointer:
        return in_force.models.get(self.event_type.name, ModelPointer())

    def _unless_overtaken(self, in_force: InForce, expected: ModelPointer) -> None:
        if self._pointer(in_force) != expected:
            raise ModelConflict("Another model was put in force meanwhile; look which, and send yours again")

    def _manifest(self, model: PublishedModel) -> Mapping[str, Any]:
        try:
            manifest = json.loads(self.store.manifest(model))
        except ValueError:
            return {}
        return manifest if isinstance(manifest, dict) else {}

    def _entry(
        self, action: Action, before: NamedModel, after: NamedModel, by: Author, at: datetime, counts: dict[str, int]
    ) -> AuditEntry:
        subject = f"{self.event_type.name} {after.version or 'as released'}"
        return AuditEntry(at, by, "model", action, subject, before.sha256 or None, after.sha256 or None, None, counts)


def _state(model: PublishedModel, pointer: ModelPointer, retired: set[tuple[str, str]]) -> State:
    named = (model.version, model.sha256)
    if named == (pointer.version, pointer.sha256):
        return "champion"
    if any(named == (one.version, one.sha256) for one in pointer.challengers):
        return "challenger"
    return "retired" if named in retired else "published"
