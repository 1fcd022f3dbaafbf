"""Predictor: the model of this process, and the policy in force, which does not depend on it."""

from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from fraudshield.errors import ModelRefused
from fraudshield.policy import wiring as policy_wiring
from fraudshield.policy.in_force import ActivePolicy
from fraudshield.predictor import artifact
from fraudshield.predictor.port import Predictor
from fraudshield.predictor.predictor import ModelPredictor, RulePredictor
from fraudshield.predictor.reference import Reference
from fraudshield.settings import Settings, settings
from fraudshield.telemetry import logger


class ModelSettings(Settings):
    """Where the model's artifact lies, and which version it must be; any where none is named."""

    model_dir: Path = Path("/opt/model")
    model_version: str = ""


@lru_cache
def predictor() -> Predictor:
    """The model of this process; the rules where its artifact is refused, said loudly once."""
    told, now = settings(ModelSettings), datetime.now(UTC)
    try:
        return ModelPredictor(artifact.load(told.model_dir, told.model_version), now)
    except ModelRefused as exc:
        logger.error("model refused, rules decide", cause=str(exc))
        return RulePredictor(now)


def reference() -> Reference | None:
    """How score and features of this process's model were distributed in training; None without a model."""
    who = predictor()
    return who.model.reference if isinstance(who, ModelPredictor) else None


def active_policy() -> ActivePolicy:
    """The policy in force of the built-in type."""
    return policy_wiring.policies().of()
