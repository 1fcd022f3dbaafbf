"""Logs and metrics of decisions: ids, outcomes, versions and milliseconds, never a name or a balance."""

from collections import Counter
from collections.abc import Iterable

from aws_lambda_powertools.metrics import MetricUnit

from fraudshield.errors import TransactionConflict
from fraudshield.policy.limit.breaker import BLOCK_LIMIT
from fraudshield.scoring.scoring import DecisionResult
from fraudshield.telemetry import logger, metrics


def observe(results: Iterable[DecisionResult | TransactionConflict], duration_ms: float) -> None:
    """Writes one INFO line for each decision; counts outcomes, what was missing or held back, and conflicts.

    `duration_ms` is of the whole request. What was asked for by name is nothing that was decided, and left out.
    """
    counts: Counter[str] = Counter()
    for result in results:
        if isinstance(result, TransactionConflict):
            counts["TransactionConflict"] += 1
            continue
        if result.test:
            continue
        decision = result.decision
        logger.info(
            "decision",
            transaction_id=decision.transaction_id,
            outcome=decision.outcome.value,
            risk=decision.risk,
            model_version=decision.model_version,
            policy_version=decision.policy_version,
            persisted=result.persisted,
            duration_ms=round(duration_ms, 2),
        )
        counts[f"Outcome{decision.outcome.title()}"] += 1
        counts["DegradedAnswer"] += bool({*decision.degraded} - {BLOCK_LIMIT})
        counts["BlockHeldBack"] += BLOCK_LIMIT in decision.degraded
    for name, value in (+counts).items():
        metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)


def observe_parked(number: int) -> None:
    """Counts the decisions that wait in the parking queue from now on, whatever the caller is told of them."""
    if number:
        metrics.add_metric(name="ParkedRecord", unit=MetricUnit.Count, value=number)
