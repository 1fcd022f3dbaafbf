"""The models of an event type, as they are shown."""

from collections.abc import Sequence
from typing import Annotated, Any

from typing_extensions import TypedDict

from fraudshield.event_type.in_force import Challenger
from fraudshield.predictor.registry import ChampionModel, ModelEntry
from fraudshield.text.schema import Moment, one_of


class ChampionResponse(TypedDict):
    """The model in force and the version of the policy beside it; without a version it is the release's own."""

    event_type: str
    version: str | None
    sha256: str | None
    policy_version: int


class ChallengerEntry(TypedDict):
    """A model that is judged beside the one in force, on payments decided since then."""

    version: str
    sha256: str
    since: Moment


class ChallengersResponse(TypedDict):
    """The models that are judged beside the one in force."""

    event_type: str
    challengers: list[ChallengerEntry]


class ModelVersionEntry(TypedDict):
    """A published model. `sha256` is its manifest's, under which it lies."""

    version: str
    state: Annotated[str, one_of("champion", "challenger", "published", "retired")]
    event_type: str
    trained_at: Moment | None
    metrics: dict[str, Any]
    sha256: str
    has_report: bool


class ModelVersionsResponse(TypedDict):
    """The published models of an event type, last version first, and the one in force."""

    versions: list[ModelVersionEntry]
    champion: ChampionResponse
    challengers: list[ChallengerEntry]


def champion_response(event_type: str, found: ChampionModel) -> ChampionResponse:
    """What scores."""
    return {
        "event_type": event_type,
        "version": found.model.version or None,
        "sha256": found.model.sha256 or None,
        "policy_version": found.policy_version,
    }


def model_versions_response(
    event_type: str, entries: Sequence[ModelEntry], champion: ChampionModel, challengers: Sequence[Challenger]
) -> ModelVersionsResponse:
    """All of them."""
    return {
        "versions": [_entry(one) for one in entries],
        "champion": champion_response(event_type, champion),
        "challengers": _challengers(challengers),
    }


def challengers_response(event_type: str, found: Sequence[Challenger]) -> ChallengersResponse:
    """All of them."""
    return {"event_type": event_type, "challengers": _challengers(found)}


def _challengers(found: Sequence[Challenger]) -> list[ChallengerEntry]:
    return [{"version": one.version, "sha256": one.sha256, "since": one.since} for one in found]


def _entry(one: ModelEntry) -> ModelVersionEntry:
    trained_at, metrics = one.manifest.get("trained_at"), one.manifest.get("metrics")
    return {
        "version": one.model.version,
        "state": one.state,
        "event_type": one.model.event_type,
        "trained_at": trained_at if isinstance(trained_at, str) else None,
        "metrics": metrics if isinstance(metrics, dict) else {},
        "sha256": one.model.sha256,
        "has_report": one.model.has_report,
    }
