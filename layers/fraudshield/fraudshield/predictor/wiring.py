"""Predictor: the model in force as this process knows it, and the policy in force, which does not depend on it."""

from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from fraudshield.audit import wiring as audit_wiring
from fraudshield.aws.wiring import FileSettings
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.errors import ModelRefused, NotFound
from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.event_type.in_force import NamedModel
from fraudshield.policy import wiring as policy_wiring
from fraudshield.policy.in_force import ActivePolicy
from fraudshield.policy.owner import Owners
from fraudshield.predictor import artifact
from fraudshield.predictor.active import ActiveModels, PredictorsOfCall
from fraudshield.predictor.dynamo import DynamoModelPointers
from fraudshield.predictor.own_type import read_of_type
from fraudshield.predictor.port import Predictor
from fraudshield.predictor.predictor import ModelPredictor, RulePredictor
from fraudshield.predictor.published import PublishedModel, find
from fraudshield.predictor.reference import Reference
from fraudshield.predictor.s3 import S3ModelStore
from fraudshield.settings import Settings, settings
from fraudshield.telemetry import logger

READ_AT_ONCE = 4  # models of several event types, as a process begins
MODELS_KEPT = 4  # read for replays, beside those that score


class ModelSettings(Settings):
    """Where the model's artifact lies, and which version it must be; any where none is named."""

    model_dir: Path = Path("/opt/model")
    model_version: str = ""


@lru_cache
def released() -> Predictor:
    """The model of the release; the rules where its artifact is refused, said loudly once."""
    told, now = settings(ModelSettings), datetime.now(UTC)
    try:
        return ModelPredictor(artifact.load(told.model_dir, told.model_version), now)
    except ModelRefused as exc:
        logger.error("model refused, rules decide", cause=str(exc))
        return RulePredictor(now)


@lru_cache
def active_models() -> ActiveModels:
    """The models in force, which are looked up before they are first asked."""
    made = ActiveModels(released(), event_type_wiring.in_force, published, _threads())
    made.begin()
    return made


def predictors() -> PredictorsOfCall:
    """The predictors of one call: each stays the same for all of it."""
    return PredictorsOfCall(active_models())


def predictor() -> Predictor:
    """Payment's to decide by now: a call asks once."""
    return active_models().of()


def published(event_type: str, named: NamedModel) -> Predictor:
    """A published model. Raises ModelRefused, NotFound, FilesUnavailable, StoreUnavailable."""
    found = PublishedModel(event_type, named.version, named.sha256)
    try:
        types = event_type_wiring.event_types()
        read = read_of_type(model_store().artifact(found), event_type, types, named.version, named.sha256)
    except ModelRefused as exc:
        logger.error("model refused, the one before it scores on", model_version=named.version, cause=str(exc))
        raise
    return ModelPredictor(read, datetime.now(UTC))


@lru_cache
def _threads() -> Executor:
    """Those that read models; they ask the table by the threads of all that do, and must not be among them."""
    return ThreadPoolExecutor(READ_AT_ONCE, thread_name_prefix="models")


@lru_cache(MODELS_KEPT)
def of_version(owners: Owners, version: str) -> Predictor:
    """A published model as a decision names it, of the first of these event types that has one of this version.

    Raises NotFound, AmbiguousVersion, ModelRefused, FilesUnavailable, StoreUnavailable.
    """
    for name in owners:
        with suppress(NotFound):
            return published(name, NamedModel(version=version, sha256=find(model_store(), name, version).sha256))
    raise NotFound(f"No model {version} of {owners[0]} has been published")


def model_store() -> S3ModelStore:
    """Where models are published."""
    return S3ModelStore(settings(FileSettings).jobs_bucket)


def pointers() -> DynamoModelPointers:
    """Which models are in force, read and changed by administrators."""
    table = settings(dynamo_wiring.DocumentSettings).policies_table
    return DynamoModelPointers(table, dynamo_wiring.lookup_calls(), audit_wiring.audit_log())


def reference() -> Reference | None:
    """How score and features of the release's model were distributed in training; None without a model."""
    who = released()
    return who.model.reference if isinstance(who, ModelPredictor) else None


def active_policy() -> ActivePolicy:
    """The policy in force of the built-in type."""
    return policy_wiring.policies().of()
