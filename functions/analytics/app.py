"""Analytics: trends, patterns, risks and how good decisions were; the same few reads however much there is."""

from datetime import UTC, datetime

from fastapi import Depends, Request, Response

from fraudshield import analytics_answer as answer
from fraudshield import http
from fraudshield.documentation import revalidated
from fraudshield.period import LabelledQuery, PeriodQuery
from fraudshield.wirings import analytics as analytics_wiring
from fraudshield.wirings import predictor as predictor_wiring

ANALYST = Depends(http.scope("analyst"))

app = http.create_app("analytics", "Trends, patterns, risks, and how good decisions were, counted as they are stored.")


@app.get("/fraud-trends", dependencies=[ANALYST], **revalidated(answer.FraudTrendsAnswer, PeriodQuery))
async def fraud_trends(request: Request) -> Response:
    """Day by day what came, was flagged, was blocked and turned out to be fraud; against the period before."""
    asked = http.query(request, PeriodQuery)
    return http.tagged_response(
        request, answer.fraud_trends_answer(analytics_wiring.aggregates(), asked, datetime.now(UTC))
    )


@app.get("/transaction-patterns", dependencies=[ANALYST], **revalidated(answer.TransactionPatternsAnswer, PeriodQuery))
async def transaction_patterns(request: Request) -> Response:
    """By type, hour, weekday and amount; what was unusual yesterday."""
    asked, now = http.query(request, PeriodQuery), datetime.now(UTC)
    return http.tagged_response(request, answer.transaction_patterns_answer(analytics_wiring.aggregates(), asked, now))


@app.get("/risk-distribution", dependencies=[ANALYST], **revalidated(answer.RiskDistributionAnswer, PeriodQuery))
async def risk_distribution(request: Request) -> Response:
    """How risks are distributed, beside the thresholds in force."""
    asked, now, policies = http.query(request, PeriodQuery), datetime.now(UTC), predictor_wiring.active_policy()
    return http.tagged_response(
        request, answer.risk_distribution_answer(analytics_wiring.aggregates(), policies, asked, now)
    )


@app.get("/model-performance", dependencies=[ANALYST], **revalidated(answer.ModelPerformanceAnswer, LabelledQuery))
async def model_performance(request: Request) -> Response:
    """Precision, recall, F1, AUPRC, value caught and calibration from labels; without labels it says so."""
    asked, now = http.query(request, LabelledQuery), datetime.now(UTC)
    return http.tagged_response(request, answer.model_performance_answer(analytics_wiring.aggregates(), asked, now))


@app.get("/dashboard-summary", dependencies=[ANALYST], **revalidated(answer.DashboardSummary, PeriodQuery))
async def dashboard_summary(request: Request) -> Response:
    """Trends, risks and performance in one call."""
    asked, now, policies = http.query(request, PeriodQuery), datetime.now(UTC), predictor_wiring.active_policy()
    return http.tagged_response(request, answer.dashboard_summary(analytics_wiring.aggregates(), policies, asked, now))


http.add_health(app, "analytics")


lambda_handler = http.lambda_entry(app, "/api/v1/analytics")
