"""Analytics: trends, patterns, risks and how good decisions were; the same few reads however much there is."""

from datetime import UTC, datetime

from fastapi import Depends, Request, Response

from fraudshield.analytics import response as analytics_response
from fraudshield.analytics import wiring as analytics_wiring
from fraudshield.analytics.genuine_by_age import genuine_ages
from fraudshield.analytics.period import LabelledQuery, PeriodQuery
from fraudshield.analytics.response import (
    DashboardSummary,
    FraudTrendsResponse,
    ModelPerformanceResponse,
    RiskDistributionResponse,
    TransactionPatternsResponse,
    fraud_trends_response,
    model_performance_response,
    risk_distribution_response,
    transaction_patterns_response,
)
from fraudshield.api.app import add_health, create_app
from fraudshield.api.entry import lambda_entry
from fraudshield.api.health import health
from fraudshield.api.openapi import revalidated
from fraudshield.api.request import query, scope
from fraudshield.api.response import tagged_response
from fraudshield.dependency import Needs
from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.predictor import wiring as predictor_wiring
from fraudshield.transaction import wiring as transaction_wiring

ANALYST = Depends(scope("analyst"))

app = create_app("analytics", "Trends, patterns, risks, and how good decisions were, counted as they are stored.")


@app.get("/fraud-trends", dependencies=[ANALYST], **revalidated(FraudTrendsResponse, PeriodQuery))
async def fraud_trends(request: Request) -> Response:
    """Day by day what came, was flagged, was blocked and turned out to be fraud; against the period before."""
    asked = query(request, PeriodQuery)
    return tagged_response(request, fraud_trends_response(analytics_wiring.aggregates(), asked, datetime.now(UTC)))


@app.get("/transaction-patterns", dependencies=[ANALYST], **revalidated(TransactionPatternsResponse, PeriodQuery))
async def transaction_patterns(request: Request) -> Response:
    """By type, hour, weekday and amount; what was unusual yesterday."""
    asked, now = query(request, PeriodQuery), datetime.now(UTC)
    return tagged_response(request, transaction_patterns_response(analytics_wiring.aggregates(), asked, now))


@app.get("/risk-distribution", dependencies=[ANALYST], **revalidated(RiskDistributionResponse, PeriodQuery))
async def risk_distribution(request: Request) -> Response:
    """How risks are distributed, beside the thresholds in force."""
    asked, now, policies = query(request, PeriodQuery), datetime.now(UTC), predictor_wiring.active_policy()
    return tagged_response(request, risk_distribution_response(analytics_wiring.aggregates(), policies, asked, now))


@app.get("/model-performance", dependencies=[ANALYST], **revalidated(ModelPerformanceResponse, LabelledQuery))
async def model_performance(request: Request) -> Response:
    """Precision, recall, F1, AUPRC, value caught and calibration from labels; without labels it says so."""
    asked, now = query(request, LabelledQuery), datetime.now(UTC)
    ages = genuine_ages(event_type_wiring.event_types)
    return tagged_response(request, model_performance_response(analytics_wiring.aggregates(), ages, asked, now))


@app.get("/dashboard-summary", dependencies=[ANALYST], **revalidated(DashboardSummary, PeriodQuery))
async def dashboard_summary(request: Request) -> Response:
    """Trends, risks and performance in one response."""
    asked, now, policies = query(request, PeriodQuery), datetime.now(UTC), predictor_wiring.active_policy()
    counts, ages = analytics_wiring.aggregates(), genuine_ages(event_type_wiring.event_types)
    return tagged_response(request, analytics_response.dashboard_summary(counts, policies, ages, asked, now))


def _needs() -> Needs:
    """All that it says is read from the counts."""
    return Needs(vital=[(transaction_wiring.aggregates_needed(),)])


add_health(app, "analytics", lambda name, now: health(name, _needs, now), "Healthy, or 503.")


lambda_handler = lambda_entry(app, "/api/v1/analytics")
