"""Analytics: trends, patterns, risks and how good decisions were; the same few reads however much there is."""

from datetime import UTC, datetime

from fastapi import Depends, Request, Response

from fraudshield.analytics import wiring as analytics_wiring
from fraudshield.analytics.period import LabelledQuery, PeriodQuery
from fraudshield.analytics.response import (
    DashboardSummary,
    FraudTrendsResponse,
    ModelPerformanceResponse,
    RiskDistributionResponse,
    TransactionPatternsResponse,
)
from fraudshield.api.app import add_health, create_app
from fraudshield.api.entry import lambda_entry
from fraudshield.api.health import health
from fraudshield.api.openapi import revalidated
from fraudshield.api.request import query, scope
from fraudshield.api.response import tagged_response
from fraudshield.dependency import Needs
from fraudshield.errors import NotFound, UnknownEventType
from fraudshield.predictor import wiring as predictor_wiring
from fraudshield.transaction import wiring as transaction_wiring

ANALYST = Depends(scope("analyst"))
NARROWED = (UnknownEventType, NotFound)  # by a filter

app = create_app("analytics", "Trends, patterns, risks, and how good decisions were, counted as they are stored.")


@app.get("/fraud-trends", dependencies=[ANALYST], **revalidated(FraudTrendsResponse, PeriodQuery, NARROWED))
async def fraud_trends(request: Request) -> Response:
    """Day by day what came, was flagged, was blocked and turned out to be fraud; against the period before."""
    asked, now = query(request, PeriodQuery), datetime.now(UTC)
    return tagged_response(request, analytics_wiring.analytics().fraud_trends(asked, now))


@app.get(
    "/transaction-patterns", dependencies=[ANALYST], **revalidated(TransactionPatternsResponse, PeriodQuery, NARROWED)
)
async def transaction_patterns(request: Request) -> Response:
    """By type, hour, weekday and amount; what was unusual yesterday."""
    asked, now = query(request, PeriodQuery), datetime.now(UTC)
    return tagged_response(request, analytics_wiring.analytics().transaction_patterns(asked, now))


@app.get("/risk-distribution", dependencies=[ANALYST], **revalidated(RiskDistributionResponse, PeriodQuery, NARROWED))
async def risk_distribution(request: Request) -> Response:
    """How risks are distributed, beside the thresholds in force."""
    asked, now, policies = query(request, PeriodQuery), datetime.now(UTC), predictor_wiring.active_policy()
    return tagged_response(request, analytics_wiring.analytics().risk_distribution(policies, asked, now))


@app.get("/model-performance", dependencies=[ANALYST], **revalidated(ModelPerformanceResponse, LabelledQuery, NARROWED))
async def model_performance(request: Request) -> Response:
    """Precision, recall, F1, AUPRC, value caught and calibration from labels; without labels it says so."""
    asked, now = query(request, LabelledQuery), datetime.now(UTC)
    return tagged_response(request, analytics_wiring.analytics().model_performance(asked, now))


@app.get("/dashboard-summary", dependencies=[ANALYST], **revalidated(DashboardSummary, PeriodQuery, NARROWED))
async def dashboard_summary(request: Request) -> Response:
    """Trends, risks and performance in one response."""
    asked, now, policies = query(request, PeriodQuery), datetime.now(UTC), predictor_wiring.active_policy()
    return tagged_response(request, analytics_wiring.analytics().dashboard_summary(policies, asked, now))


def _needs() -> Needs:
    """All that it says is read from the counts."""
    return Needs(vital=[(transaction_wiring.aggregates_needed(),)])


add_health(app, "analytics", lambda name, now: health(name, _needs, now), "Healthy, or 503.")


lambda_handler = lambda_entry(app, "/api/v1/analytics")
