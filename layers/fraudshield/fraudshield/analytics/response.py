"""The envelopes of the analytics responses: how far the counts go, and when they were read."""

from datetime import datetime

from typing_extensions import TypedDict

from fraudshield.analytics.genuine_by_age import GenuineAges
from fraudshield.analytics.pattern import TransactionPatterns, transaction_patterns
from fraudshield.analytics.performance import ModelPerformance, model_performance
from fraudshield.analytics.period import LabelledQuery, PeriodQuery, period
from fraudshield.analytics.port import Aggregates
from fraudshield.analytics.risk import RiskDistribution, risk_distribution
from fraudshield.analytics.trend import FraudTrends, fraud_trends
from fraudshield.policy.port import PolicySource
from fraudshield.text.schema import Moment
from fraudshield.text.timestamp import timestamp


class Stamps(TypedDict):
    """`as_of` is when the newest change was made that is counted, null before the first; later ones follow soon."""

    as_of: Moment | None
    generated_at: Moment


class FraudTrendsResponse(FraudTrends, Stamps):
    """`GET /fraud-trends`."""


class TransactionPatternsResponse(TransactionPatterns, Stamps):
    """`GET /transaction-patterns`."""


class RiskDistributionResponse(RiskDistribution, Stamps):
    """`GET /risk-distribution`."""


class ModelPerformanceResponse(ModelPerformance, Stamps):
    """`GET /model-performance`."""


class DashboardSummary(Stamps):
    """`GET /dashboard-summary`: trends, risks and performance in one response; all of the same days."""

    fraud_trends: FraudTrends
    risk_distribution: RiskDistribution
    model_performance: ModelPerformance


def fraud_trends_response(aggregates: Aggregates, asked: PeriodQuery, now: datetime) -> FraudTrendsResponse:
    """Raises StoreUnavailable."""
    stamps = _stamps(aggregates, now)
    return {**fraud_trends(aggregates, period(asked, now)), **stamps}


def transaction_patterns_response(
    aggregates: Aggregates, asked: PeriodQuery, now: datetime
) -> TransactionPatternsResponse:
    """Raises StoreUnavailable."""
    stamps = _stamps(aggregates, now)
    return {**transaction_patterns(aggregates, period(asked, now)), **stamps}


def risk_distribution_response(
    aggregates: Aggregates, policies: PolicySource, asked: PeriodQuery, now: datetime
) -> RiskDistributionResponse:
    """Raises StoreUnavailable."""
    stamps = _stamps(aggregates, now)
    return {**risk_distribution(aggregates, period(asked, now), policies.current()), **stamps}


def model_performance_response(
    aggregates: Aggregates, ages: GenuineAges, asked: LabelledQuery, now: datetime
) -> ModelPerformanceResponse:
    """Raises StoreUnavailable."""
    stamps = _stamps(aggregates, now)
    return {**model_performance(aggregates, period(asked, now), ages, now), **stamps}


def dashboard_summary(
    aggregates: Aggregates, policies: PolicySource, ages: GenuineAges, asked: PeriodQuery, now: datetime
) -> DashboardSummary:
    """Raises StoreUnavailable."""
    stamps, days = _stamps(aggregates, now), period(asked, now)
    return {
        "fraud_trends": fraud_trends(aggregates, days),
        "risk_distribution": risk_distribution(aggregates, days, policies.current()),
        "model_performance": model_performance(aggregates, days, ages, now),
        **stamps,
    }


def _stamps(aggregates: Aggregates, now: datetime) -> Stamps:
    """Read before the counts, which may then hold more than it says and never less."""
    at = aggregates.as_of()
    return {"as_of": timestamp(at) if at else None, "generated_at": timestamp(now)}
