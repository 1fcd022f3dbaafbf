"""The two models of a comparison: which they are, and up to when the challenger was trained."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from fraudshield.backtest.challenger.gate import MARGIN
from fraudshield.errors import ModelRefused
from fraudshield.event_type.in_force import NamedModel
from fraudshield.predictor.own_type import TypeVersions, read_of_type
from fraudshield.predictor.published import ModelStore, PublishedModel

EPOCH = datetime.fromtimestamp(0, UTC)


class ComparedModels(BaseModel):
    """A champion and a challenger of an event type; without a digest it is the release's model.

    Payments up to `trained_until` are left out, since the challenger was trained on such. The challenger may find
    `margin` less of the money.
    """

    model_config = ConfigDict(frozen=True)

    champion: NamedModel
    challenger: NamedModel
    trained_until: datetime = EPOCH
    margin: Annotated[float, Field(ge=0, le=1)] = MARGIN


@dataclass(frozen=True, slots=True)
class TrainedSpans:
    """Up to when models were trained, by their manifests."""

    store: ModelStore
    types: TypeVersions

    def until(self, model: PublishedModel) -> datetime:
        """The last payment of its training; without one when it was trained.

        Raises ModelRefused, NotFound, FilesUnavailable, StoreUnavailable.
        """
        return trained_until(
            read_of_type(self.store.artifact(model), model.event_type, self.types, model.version, model.sha256).trained
        )


def trained_until(said: str) -> datetime:
    """A manifest's time. Raises ModelRefused: it is none."""
    try:
        found = datetime.fromisoformat(said)
    except ValueError as exc:
        raise ModelRefused(f"manifest.json: {said!r} is no time up to which it was trained") from exc
    return found if found.tzinfo else found.replace(tzinfo=UTC)
