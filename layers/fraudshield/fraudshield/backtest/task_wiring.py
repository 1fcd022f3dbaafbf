"""Wiring of the steps of tests on history, which the state machine of jobs runs."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from fraudshield.aws.wiring import ConcurrencySettings, FileSettings
from fraudshield.backtest import wiring
from fraudshield.backtest.challenger.comparison import ChallengerCounter, ModelComparison
from fraudshield.backtest.challenger.merge import ChallengerMergeStep
from fraudshield.backtest.challenger.tally import ChallengerTally
from fraudshield.backtest.compared import DraftComparison
from fraudshield.backtest.dynamo_run import DynamoStoredDecisions
from fraudshield.backtest.plan import PARTS, PLAN_ID, BacktestPlan, BacktestPlanner, folder, read_plan
from fraudshield.backtest.port import StoredDecisions
from fraudshield.backtest.s3 import S3PartFiles
from fraudshield.backtest.step import DraftCounter, MergeStep, PartCounter, PartStep
from fraudshield.backtest.tally import PartTally
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.event_type.in_force import NamedModel
from fraudshield.policy import wiring as policy_wiring
from fraudshield.policy.policy import Policy
from fraudshield.predictor import wiring as predictor_wiring
from fraudshield.predictor.port import Predictor
from fraudshield.predictor.predictor import RulePredictor
from fraudshield.rate import wiring as rate_wiring
from fraudshield.settings import settings
from fraudshield.text import signature
from fraudshield.transaction.wiring import TransactionSettings
from fraudshield.value_list import wiring as value_list_wiring
from fraudshield.value_list.as_of import ListsAsOf

PLANS = 4  # cached by a process: its parts are of few tests


@lru_cache
def part_files() -> S3PartFiles:
    """The objects of tests."""
    return S3PartFiles(settings(FileSettings).jobs_bucket)


@lru_cache
def planner() -> BacktestPlanner:
    """The step that plans a test."""
    types = event_type_wiring.event_types().all
    return BacktestPlanner(wiring.backtests(), part_files(), types, _version, _has_own, _history, _now)


@lru_cache
def part_step() -> PartStep:
    """The step that counts a part. Raises StoreUnavailable where the secret cannot be read."""
    signature.key(dynamo_wiring.signing_secret(), "backtest")
    return PartStep(wiring.backtests(), part_files(), _history, counter, _lists)


def merge_step(plan: BacktestPlan) -> MergeStep | ChallengerMergeStep:
    """The step that makes the answer."""
    of = MergeStep if plan.models is None else ChallengerMergeStep
    return of(wiring.backtests(), part_files(), _now)


def counter(plan: BacktestPlan) -> PartCounter:
    """What counts the parts of a plan: by the draft, or by the two models."""
    key = signature.key(dynamo_wiring.signing_secret(), "backtest")
    if plan.models is None:
        return DraftCounter(comparison(plan), PartTally(plan.fields, key))
    champion, challenger = (_model(plan.event_type, one) for one in (plan.models.champion, plan.models.challenger))
    tally = ChallengerTally(plan.fields, key)
    return ChallengerCounter(ModelComparison(comparison(plan), champion, challenger), tally, plan.models.trained_until)


@lru_cache(PLANS)
def _model(event_type: str, named: NamedModel) -> Predictor:
    return predictor_wiring.published(event_type, named) if named.sha256 else predictor_wiring.released()


@lru_cache(PLANS)
def plan_of(backtest_id: str) -> BacktestPlan:
    """Reads a plan, which never changes. Raises NotFound, FilesUnavailable."""
    return read_plan(part_files(), backtest_id)


def map_input(plan: BacktestPlan) -> dict[str, Any]:
    """The input of the state machine's map: where the list of parts is, and how many are counted at once."""
    return {
        "job_id": plan.backtest_id,
        "plan_id": PLAN_ID,
        "bucket": settings(FileSettings).jobs_bucket,
        "key": folder(plan.backtest_id) + PARTS,
        "max_concurrency": settings(ConcurrencySettings).batch_concurrency,
    }


def comparison(plan: BacktestPlan) -> DraftComparison:
    """Compares payments with the plan's version."""
    return DraftComparison(
        plan.policy, plan.as_of, plan.fields, plan.ages, RulePredictor(plan.as_of), rate_wiring.rates_of
    )


def _version(event_type: str, number: int) -> Policy | None:
    return policy_wiring.written_versions((event_type,)).version(number)


def _has_own(event_type: str) -> bool:
    return replace(policy_wiring.policy_store(), owners=(event_type,)).active().policy is not None


def _history(types: Iterable[str]) -> StoredDecisions:
    table = settings(TransactionSettings).transactions_table
    return DynamoStoredDecisions(table, dynamo_wiring.paced_calls(), frozenset(types))


def _lists() -> ListsAsOf:
    """What was asked is remembered for one part."""
    return ListsAsOf(value_list_wiring.list_history())


def _now() -> datetime:
    return datetime.now(UTC)
