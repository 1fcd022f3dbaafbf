"""What serving reads of `manifest.json`."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from fraudshield.policy.policy import Thresholds
from fraudshield.predictor.feature import FeatureEntry
from fraudshield.predictor.forest import STEPS


class ManifestHistogram(BaseModel):
    """As `reference.Histogram`."""

    model_config = ConfigDict(frozen=True, strict=True)

    edges: tuple[FiniteFloat, ...]
    shares: tuple[FiniteFloat, ...]


class ManifestUsual(BaseModel):
    """What each feature adds to the margin on average, by the value of the category that `feature` is."""

    model_config = ConfigDict(frozen=True, strict=True)

    feature: str
    contributions: dict[str, tuple[FiniteFloat, ...]]


class ModelEventType(BaseModel):
    """The version of the event type whose payments the model reads."""

    model_config = ConfigDict(frozen=True, strict=True)

    name: str
    version: int
    digest: str


class NamesEventType(BaseModel):
    """All of a manifest that is needed to know whose payments its model reads."""

    model_config = ConfigDict(frozen=True, strict=True)

    event_type: ModelEventType


class TrainingSpan(BaseModel):
    """Of what a model was trained on, the time of the last payment; empty where that is not said."""

    model_config = ConfigDict(frozen=True, strict=True)

    to: str = ""


class Manifest(BaseModel):
    """What serving reads of `manifest.json`; it holds more (data, parameters)."""

    model_config = ConfigDict(frozen=True, strict=True, protected_namespaces=())

    format: int
    version: str
    event_type: ModelEventType
    features: Annotated[tuple[FeatureEntry, ...], Field(min_length=1)]
    sha256: str
    cuts: Annotated[tuple[FiniteFloat, ...], Field(min_length=STEPS, max_length=STEPS)]
    thresholds: Thresholds
    model_type: str
    classes: tuple[int, ...]
    trained_at: str
    scikit_learn: str
    metrics: dict[str, Any]
    reference: dict[str, ManifestHistogram] = {}
    data: TrainingSpan = TrainingSpan()
    usual_contributions: ManifestUsual | None = None  # one of before has none: reasons are relative to all payments
