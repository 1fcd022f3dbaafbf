"""Wiring of tests on history: where they are kept, and what starts them."""

from datetime import UTC, datetime
from functools import lru_cache

from fraudshield.audit import wiring as audit_wiring
from fraudshield.aws.wiring import JobSettings, MachineSettings
from fraudshield.backtest import service
from fraudshield.backtest.dynamo import DynamoBacktestStore
from fraudshield.backtest.service import BacktestService
from fraudshield.backtest.stepfunctions import StepFunctionsBacktestRunner
from fraudshield.backtest.tested import BacktestedVersions
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.policy import wiring as policy_wiring
from fraudshield.settings import settings


@lru_cache
def backtests() -> DynamoBacktestStore:
    """The store of tests on history."""
    values = settings(JobSettings)
    calls, audit = dynamo_wiring.lookup_calls(), audit_wiring.audit_log()
    return DynamoBacktestStore(values.jobs_table, values.batch_file_days, calls, audit)


def backtest_service(event_type: str) -> BacktestService:
    """The service of tests of an event type's policy."""
    runner = StepFunctionsBacktestRunner(settings(MachineSettings).batch_machine_arn)
    versions = policy_wiring.written_versions((event_type,))
    return BacktestService(event_type, backtests(), runner, versions, versions.active.newest)


def version_tests() -> BacktestedVersions:
    """Which versions have been tested."""
    return BacktestedVersions(backtests())


def fail(backtest_id: str, code: str, message: str) -> None:
    """Ends a test that cannot go on. Raises StoreUnavailable."""
    service.fail(backtests(), backtest_id, code, message, datetime.now(UTC))
