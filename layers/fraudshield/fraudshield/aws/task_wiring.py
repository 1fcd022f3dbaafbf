"""Which adapter stands behind which port for the steps of a batch job; apart, since it loads numpy and sklearn."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from fraudshield.aws import wiring
from fraudshield.aws.batch_store import ChunkStore
from fraudshield.aws.extreme import ExtremeStore
from fraudshield.aws.summaries import DynamoJobSummaries
from fraudshield.aws.wiring import desk, job_announcer, jobs
from fraudshield.batch.chunk import Keep
from fraudshield.batch.classifier import margins
from fraudshield.batch.merger import Merger
from fraudshield.batch.plan import Plan, folder
from fraudshield.batch.planner import CHUNKS, Planner, read_plan
from fraudshield.batch.work import ChunkWork
from fraudshield.errors import ModelRefused
from fraudshield.predictor import ModelPredictor
from fraudshield.settings import settings

__all__ = ["desk", "job_announcer", "jobs", "map_input", "merger", "plan_of", "planner", "work"]

PLANS = 4  # remembered by a process: its chunks are of few jobs


@lru_cache
def model_predictor() -> ModelPredictor:
    """Raises ModelRefused: a file is not scored by rules, it can wait."""
    who = wiring.predictor()
    if not isinstance(who, ModelPredictor):
        raise ModelRefused("The model is missing or refused here; ask for the file again when it is mended")
    return who


@lru_cache
def planner() -> Planner:
    """Begins jobs."""
    policy = wiring.active_policy().newest
    return Planner(jobs(), wiring.files(), model_predictor().model, policy, _now, settings().batch_chunk_bytes)


@lru_cache
def work() -> ChunkWork:
    """Scores chunks."""
    who = model_predictor()
    scorer = margins(settings().model_dir.parent / "batch", who.model)
    return ChunkWork(wiring.files(), jobs(), who, scorer, _keeper)


@lru_cache
def merger() -> Merger:
    """Ends jobs."""
    table = settings().aggregates_table
    return Merger(jobs(), wiring.files(), DynamoJobSummaries(table, ExtremeStore(table)), _now)


@lru_cache(PLANS)
def plan_of(job_id: str, plan_id: str) -> Plan:
    """A plan never changes. Raises NotFound, FilesUnavailable."""
    return read_plan(wiring.files(), job_id, plan_id)


def map_input(plan: Plan) -> dict[str, Any]:
    """What the state machine's map reads its chunks by."""
    key = folder(plan.job_id, plan.plan_id) + CHUNKS
    return {
        "job_id": plan.job_id,
        "plan_id": plan.plan_id,
        "bucket": settings().jobs_bucket,
        "key": key,
        "max_concurrency": settings().batch_concurrency,
    }


def _keeper(plan: Plan, index: int) -> Keep:
    mark, told = f"{plan.job_id}#{index}", settings()
    store = ChunkStore(told.transactions_table, wiring.store_calls(), wiring.erasures(), mark, told.retention_days)
    return store.keep


def _now() -> datetime:
    return datetime.now(UTC)
