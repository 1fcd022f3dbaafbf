"""Monitoring: how the services are and were, what the metrics say, which alarms went off."""

from datetime import UTC, datetime, timedelta

from fastapi import Depends, Request, Response

from fraudshield import http
from fraudshield.alarm import AlertObject, AlertsAnswer, AlertsQuery, alert_object, alerts_answer
from fraudshield.check import ServicesAnswer, services_answer
from fraudshield.documentation import documented
from fraudshield.metric import SHOWN, HoursQuery, MetricsAnswer, metrics_answer, period
from fraudshield.overview import OverviewAnswer, overview
from fraudshield.settings import settings
from fraudshield.wirings import monitoring as monitoring_wiring
from fraudshield.wirings.monitoring import IntervalSettings

ANALYST = Depends(http.scope("analyst"))
DAY = timedelta(days=1)

app = http.create_app("monitoring", "How the services are and were, what the metrics say, which alarms went off.")


@app.get("/overview", dependencies=[ANALYST], **documented(OverviewAnswer))
async def get_overview() -> Response:
    """The house at one glance, as of the last look."""
    now, store = datetime.now(UTC), monitoring_wiring.monitoring_store()
    checks = store.checks(now - DAY, most=1)
    newest = checks[0] if checks else None
    return http.json_response(
        overview(newest, store.alerts(now - DAY), now, settings(IntervalSettings).monitoring_interval)
    )


@app.get("/services", dependencies=[ANALYST], **documented(ServicesAnswer, query=HoursQuery))
async def get_services(request: Request) -> Response:
    """Every service, now and over the last hours."""
    hours = http.query(request, HoursQuery).hours
    since = datetime.now(UTC) - timedelta(hours=hours)
    return http.json_response(services_answer(monitoring_wiring.monitoring_store().checks(since), hours))


@app.get("/metrics", dependencies=[ANALYST], **documented(MetricsAnswer, query=HoursQuery))
async def get_metrics(request: Request) -> Response:
    """Requests, latencies, outcomes and use of resources over the last hours."""
    hours, now = http.query(request, HoursQuery).hours, datetime.now(UTC)
    series = monitoring_wiring.cloudwatch_metrics().read(SHOWN, now - timedelta(hours=hours), now, period(hours))
    return http.json_response(metrics_answer(series, hours, now))


@app.get("/alerts", dependencies=[ANALYST], **documented(AlertsAnswer, query=AlertsQuery))
async def get_alerts(request: Request) -> Response:
    """Alarms that are on, and those of the last hours."""
    asked = http.query(request, AlertsQuery)
    found = monitoring_wiring.monitoring_store().alerts(datetime.now(UTC) - timedelta(hours=asked.hours))
    return http.json_response(alerts_answer([one for one in found if asked.severity in {None, one.severity}]))


@app.post("/alerts/{alert_id}/acknowledge", dependencies=[ANALYST], **documented(AlertObject))
async def acknowledge(alert_id: str, request: Request) -> Response:
    """Say that somebody has seen it; who was first stands."""
    alert = monitoring_wiring.monitoring_store().acknowledge(alert_id, by=http.caller(request), at=datetime.now(UTC))
    return http.json_response(alert_object(alert))


http.add_health(app, "monitoring")


lambda_handler = http.lambda_entry(app, "/api/v1/monitoring")
