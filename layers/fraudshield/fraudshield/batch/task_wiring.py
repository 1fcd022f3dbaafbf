"""Wiring of the steps of a batch job; apart from the rest of batch, since they load numpy and scikit-learn."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any

from pydantic import Field

from fraudshield.aggregate import wiring as aggregate_wiring
from fraudshield.analytics.dynamo_progress import ExtremeStore
from fraudshield.aws.wiring import ConcurrencySettings, FileSettings
from fraudshield.batch import wiring as batch_wiring
from fraudshield.batch.block_scorer import BlockScorer
from fraudshield.batch.chunk import Keep, ScoreStep, TimeCheck, WriteUnstored
from fraudshield.batch.classifier import margins
from fraudshield.batch.dynamo_store import ChunkStore, DecisionWrites, DynamoJobSummaries
from fraudshield.batch.history.history import Histories
from fraudshield.batch.join import JoinStep
from fraudshield.batch.lists.lists import JobLists
from fraudshield.batch.own.blocks import blocks_of
from fraudshield.batch.plan import CHUNKS, Plan, Planner, folder, read_plan
from fraudshield.batch.result import StoreProgressFile, progress_key
from fraudshield.batch.verdict import Margins
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.erasure import wiring as erasure_wiring
from fraudshield.errors import ModelRefused
from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.event_type.event_type import EventType
from fraudshield.event_type.in_force import NamedModel
from fraudshield.policy import wiring as policy_wiring
from fraudshield.policy.owner import owners_of_type
from fraudshield.policy.policy import Policy
from fraudshield.predictor import wiring as predictor_wiring
from fraudshield.predictor.artifact import Model
from fraudshield.predictor.predictor import ModelPredictor
from fraudshield.rate import wiring as rate_wiring
from fraudshield.settings import Settings, settings
from fraudshield.transaction.wiring import AggregateSettings, RetentionSettings, TransactionSettings
from fraudshield.value_list import wiring as list_wiring

PLANS = 4  # cached by a process: its chunks are of few jobs


class ChunkSettings(Settings):
    """The bytes of a file that one worker scores at a time."""

    batch_chunk_bytes: Annotated[int, Field(ge=64, le=64 << 20)] = 8 << 20


def model_of(event_type: EventType) -> Model | None:
    """The model in force of an event type; None where it has none.

    Raises ModelRefused where there should be one: a file is not scored by rules instead, it can wait.
    """
    predictor = predictor_wiring.predictors().of(owners_of_type(event_type))
    if isinstance(predictor, ModelPredictor):
        return predictor.model
    if predictor.degraded:
        raise ModelRefused("The model is missing or refused here; ask for the file again when it is mended")
    return None


@lru_cache
def planner() -> Planner:
    """The step that plans a job, by the model in force."""
    types, chunk_bytes = event_type_wiring.event_types(), settings(ChunkSettings).batch_chunk_bytes
    jobs, files = batch_wiring.jobs(), batch_wiring.files()
    rates = rate_wiring.rates().newest
    released = predictor_wiring.released()
    known = released.model.sha256 if isinstance(released, ModelPredictor) else "none"
    return Planner(jobs, files, model_of, _newest_policy, types, rates, _now, _prepare, chunk_bytes, known)


@lru_cache
def _histories() -> Histories:
    return Histories(batch_wiring.files(), aggregate_wiring.file_history())


@lru_cache
def _lists() -> JobLists:
    return JobLists(batch_wiring.files(), list_wiring.list_history())


def _prepare(plan: Plan) -> None:
    _lists().prepare(plan)
    _histories().prepare(plan)


def _newest_policy(event_type: EventType) -> Policy:
    return policy_wiring.policies().of(owners_of_type(event_type)).newest()


@lru_cache
def score_step() -> ScoreStep:
    """The step that scores a chunk."""
    return ScoreStep(batch_wiring.files(), batch_wiring.jobs(), _blocks, _keeper)


def _blocks(plan: Plan, index: int) -> BlockScorer:
    """By the model that the job began with, whichever is in force meanwhile."""
    predictor, scorer = _model_of(plan.model_event_type, plan.model_version or "", plan.manifest_sha256 or "")
    return blocks_of(predictor, scorer, _histories(), _lists(), plan, index)


@lru_cache(PLANS)
def _model_of(event_type: str, version: str, manifest_sha256: str) -> tuple[ModelPredictor, Margins]:
    named = NamedModel(version=version, sha256=manifest_sha256)
    predictor = predictor_wiring.published(event_type, named) if manifest_sha256 else predictor_wiring.released()
    if not isinstance(predictor, ModelPredictor):
        raise ModelRefused("The model of the release is missing or refused here; ask for the file again when mended")
    return predictor, margins(predictor.model)


@lru_cache
def join_step() -> JoinStep:
    """The step that completes a job."""
    table = settings(AggregateSettings).aggregates_table
    summaries = DynamoJobSummaries(table, ExtremeStore(table))
    return JoinStep(batch_wiring.jobs(), batch_wiring.files(), summaries, _now)


@lru_cache(PLANS)
def plan_of(job_id: str, plan_id: str) -> Plan:
    """Reads a plan, which never changes. Raises NotFound, FilesUnavailable."""
    return read_plan(batch_wiring.files(), job_id, plan_id)


def map_input(plan: Plan) -> dict[str, Any]:
    """The input of the state machine's map: where the list of chunks is, and how many are scored at once."""
    key = folder(plan.job_id, plan.plan_id) + CHUNKS
    return {
        "job_id": plan.job_id,
        "plan_id": plan.plan_id,
        "bucket": settings(FileSettings).jobs_bucket,
        "key": key,
        "max_concurrency": settings(ConcurrencySettings).batch_concurrency,
    }


def _keeper(plan: Plan, index: int, write_unstored: WriteUnstored, check_time: TimeCheck) -> Keep:
    table, days = settings(TransactionSettings).transactions_table, settings(RetentionSettings).retention_days
    writes = DecisionWrites(table, f"{plan.job_id}#{index}", days)
    progress = StoreProgressFile(batch_wiring.files(), progress_key(plan.job_id, plan.plan_id, index))
    erasures = erasure_wiring.patient_erasures()
    return ChunkStore(writes, dynamo_wiring.paced_calls(), erasures, progress, write_unstored, check_time).keep


def _now() -> datetime:
    return datetime.now(UTC)
