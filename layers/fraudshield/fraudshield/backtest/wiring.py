"""Wiring of tests on history and drafts in shadow: where they are kept, what starts them, and who shows them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from fraudshield.audit import wiring as audit_wiring
from fraudshield.aws.wiring import JobSettings, MachineSettings
from fraudshield.backtest import service
from fraudshield.backtest.challenger.models import TrainedSpans
from fraudshield.backtest.challenger.service import ComparisonGate, ComparisonService
from fraudshield.backtest.dynamo import DynamoBacktestStore
from fraudshield.backtest.dynamo_progress import DynamoShadowSums
from fraudshield.backtest.dynamo_run import DynamoStoredRisks
from fraudshield.backtest.entity import entity_fields
from fraudshield.backtest.service import BacktestService
from fraudshield.backtest.shadow.shadow import ShadowReader, ShadowService
from fraudshield.backtest.stepfunctions import StepFunctionsBacktestRunner
from fraudshield.backtest.tested import BacktestedVersions
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.event_type.event_type import EventType
from fraudshield.event_type.in_force import ModelPointer, NamedModel
from fraudshield.policy import wiring as policy_wiring
from fraudshield.policy.active import WrittenVersions
from fraudshield.policy.dynamo import DynamoPolicyStore
from fraudshield.policy.owner import owners_of_type
from fraudshield.predictor import wiring as predictor_wiring
from fraudshield.settings import settings
from fraudshield.transaction.wiring import AggregateSettings, TransactionSettings


@lru_cache
def backtests() -> DynamoBacktestStore:
    """The store of tests on history."""
    values = settings(JobSettings)
    calls, audit = dynamo_wiring.lookup_calls(), audit_wiring.audit_log()
    return DynamoBacktestStore(values.jobs_table, values.batch_file_days, calls, audit)


def backtest_service(event_type: str) -> BacktestService:
    """The service of tests of an event type's policy."""
    runner = StepFunctionsBacktestRunner(settings(MachineSettings).batch_machine_arn)
    versions = written_policy(event_type)
    return BacktestService(event_type, backtests(), runner, versions, versions.active.newest)


def written_policy(event_type: str) -> WrittenVersions:
    """The versions and drafts of an event type's own policy."""
    return policy_wiring.written_versions((event_type,))


def comparison_service(event_type: str) -> ComparisonService:
    """The service of comparisons of an event type's models."""
    types = event_type_wiring.event_types()
    active = written_policy(event_type).active.newest

    def champion() -> NamedModel:
        return types.looked().models.get(event_type, ModelPointer()).named

    runner = StepFunctionsBacktestRunner(settings(MachineSettings).batch_machine_arn)
    spans = TrainedSpans(predictor_wiring.model_store(), types)
    return ComparisonService(event_type, backtests(), runner, spans, active, champion)


def model_gate() -> ComparisonGate:
    """What a model passes before it takes the place of another."""
    return ComparisonGate(backtests())


def version_tests() -> BacktestedVersions:
    """Which versions have been tested."""
    return BacktestedVersions(backtests())


def fail(backtest_id: str, code: str, message: str) -> None:
    """Ends a test that cannot go on. Raises StoreUnavailable."""
    service.fail(backtests(), backtest_id, code, message, datetime.now(UTC))


def shadow_service(event_type: EventType) -> ShadowService:
    """The drafts of an event type's policy, and what was counted of them."""
    sums = DynamoShadowSums(settings(AggregateSettings).aggregates_table, dynamo_wiring.lookup_calls())
    types = decided_by(event_type)
    return ShadowService(drafts_of(event_type.name), ShadowReader(sums, entity_fields(types), longest(types)))


def challenger_reader(event_type: EventType) -> ShadowReader:
    """What was counted of the challengers of an event type's model."""
    sums = DynamoShadowSums(settings(AggregateSettings).aggregates_table, dynamo_wiring.lookup_calls())
    return ShadowReader(sums, entity_fields([event_type]), longest([event_type]))


def stored_risks(event_type: EventType) -> DynamoStoredRisks:
    """The risks of the payments that an event type's policy decides."""
    types = frozenset(one.name for one in decided_by(event_type))
    return DynamoStoredRisks(settings(TransactionSettings).transactions_table, dynamo_wiring.lookup_calls(), types)


def decided_by(owner: EventType) -> list[EventType]:
    """The event types whose payments the policy of one decides, that one first."""
    every = event_type_wiring.event_types().all()
    others = [one for one in every if one.name != owner.name and owner.name in owners_of_type(one)]
    return [owner, *(one for one in others if drafts_of(one.name).active() is None)]


def longest(types: Sequence[EventType]) -> timedelta | None:
    """The age from which nobody's word makes payments of all these types genuine; None where of one none does."""
    ages = [one.genuine_after for one in types]
    return None if None in ages else max(age for age in ages if age is not None)


def drafts_of(owner: str) -> DynamoPolicyStore:
    """The drafts of one event type's policy, and whether it has one that is in force."""
    return replace(policy_wiring.policy_store(), owners=(owner,))
