"""The one path on this machine: a model from a folder, version 1 or what its manifest proposes, and nothing kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from fraudshield.errors import ModelRefused, QueueUnavailable, StoreUnavailable
from fraudshield.event_type.event_type import EventType
from fraudshield.event_type.payment import BUILT_IN
from fraudshield.policy.owner import Owners
from fraudshield.policy.policy import FIRST_THRESHOLDS, first_policy
from fraudshield.policy.port import PolicyInForce, Reach
from fraudshield.policy.velocity import Movements
from fraudshield.predictor import artifact
from fraudshield.predictor.artifact import Model
from fraudshield.predictor.predictor import ModelPredictor
from fraudshield.predictor.without_model import OnePredictor
from fraudshield.scoring.decision import ScoredTransaction
from fraudshield.scoring.port import Kept
from fraudshield.scoring.scoring import Scorer
from fraudshield.transaction.occurrence import Occurrence
from infra.cli.path import MODEL_DIR

NOT_KEPT = "the command keeps nothing"


@dataclass(frozen=True, slots=True)
class Proposed:
    """A policy source: version 1, or what a model proposes in its place; what was deployed is not asked for."""

    in_force: PolicyInForce

    def of(self, owners: Owners) -> Self:  # noqa: ARG002 the port's
        """The same for every event type."""
        return self

    def current(self) -> PolicyInForce:
        """Always the same."""
        return self.in_force


class KeepsNothing:
    """A store and a parking queue that are not there, and say so."""

    def add(self, scored: Sequence[ScoredTransaction], stop_at: float) -> list[Kept]:  # noqa: ARG002 the port's
        """None of them."""
        return [StoreUnavailable(NOT_KEPT) for _ in scored]

    def find(self, transaction_id: str) -> ScoredTransaction | None:  # noqa: ARG002 the port's
        """Nothing was ever kept."""
        return None

    def park(self, scored: Sequence[ScoredTransaction]) -> None:  # noqa: ARG002 the port's
        """Raises QueueUnavailable."""
        raise QueueUnavailable(NOT_KEPT)

    def histories(self, occurrences: Sequence[Occurrence], reach: Reach) -> list[Movements | None]:  # noqa: ARG002 the port's
        """Nothing was ever kept: what comes before is not known."""
        return [None] * len(occurrences)


def load(settings: Mapping[str, str], event_type: EventType = BUILT_IN) -> Model:
    """The model that MODEL_DIR and MODEL_VERSION name, of an event type; without them the repository's own.

    Raises:
        ModelRefused: the command does not fall back on rules; whoever asks for the model's risk gets it or nothing.
    """
    folder = Path(settings.get("MODEL_DIR", MODEL_DIR))
    try:
        return artifact.load(folder, settings.get("MODEL_VERSION", ""), event_type)
    except ModelRefused as exc:
        raise ModelRefused(f"The model in {folder} was refused: {exc}") from exc


def scorer(model: Model, settings: Mapping[str, str]) -> Scorer:
    """The product's own model decides by version 1, as the API does until somebody changes the policy; one that
    MODEL_DIR names decides by the thresholds that its training proposed.

    `decide` works as it does behind the API; `score`, which would keep, raises NotPersisted."""
    nothing = KeepsNothing()
    decides = model.thresholds if "MODEL_DIR" in settings else FIRST_THRESHOLDS
    return Scorer(
        predictors=OnePredictor(ModelPredictor(model, datetime.now(UTC))),
        policies=Proposed(PolicyInForce(first_policy(decides))),
        store=nothing,
        parking=nothing,
        accounts=nothing,
    )
