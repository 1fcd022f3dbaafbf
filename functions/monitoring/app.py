"""Monitoring: how the services are and were, what the metrics say, which alarms went off."""

from datetime import UTC, datetime, timedelta

from fastapi import Depends, Request, Response

from fraudshield.api.app import add_health, create_app
from fraudshield.api.entry import lambda_entry
from fraudshield.api.health import health
from fraudshield.api.openapi import documented
from fraudshield.api.path import AlertIdPath
from fraudshield.api.request import author, query, scope
from fraudshield.api.response import json_response
from fraudshield.audit import wiring as audit_wiring
from fraudshield.dependency import Needs
from fraudshield.monitoring import wiring as monitoring_wiring
from fraudshield.monitoring.alarm import AlertObject, AlertsQuery, AlertsResponse, alert_object, alerts_response
from fraudshield.monitoring.health_check import ServicesResponse, services_response
from fraudshield.monitoring.metric import SHOWN, HoursQuery, MetricsResponse, metrics_response, period
from fraudshield.monitoring.overview import OverviewResponse, overview
from fraudshield.monitoring.wiring import IntervalSettings
from fraudshield.settings import settings

ANALYST = Depends(scope("analyst"))
DAY = timedelta(days=1)

app = create_app("monitoring", "How the services are and were, what the metrics say, which alarms went off.")


@app.get("/overview", dependencies=[ANALYST], **documented(OverviewResponse))
async def get_overview() -> Response:
    """The state of the whole system, as of the last health check."""
    now, store = datetime.now(UTC), monitoring_wiring.monitoring_store()
    checks = store.checks(now - DAY, most=1)
    newest = checks[0] if checks else None
    return json_response(overview(newest, store.alerts(now - DAY), now, settings(IntervalSettings).monitoring_interval))


@app.get("/services", dependencies=[ANALYST], **documented(ServicesResponse, query=HoursQuery))
async def get_services(request: Request) -> Response:
    """Every service, now and over the last hours."""
    hours = query(request, HoursQuery).hours
    since = datetime.now(UTC) - timedelta(hours=hours)
    return json_response(services_response(monitoring_wiring.monitoring_store().checks(since), hours))


@app.get("/metrics", dependencies=[ANALYST], **documented(MetricsResponse, query=HoursQuery))
async def get_metrics(request: Request) -> Response:
    """Requests, latencies, outcomes and use of resources over the last hours."""
    hours, now = query(request, HoursQuery).hours, datetime.now(UTC)
    series = monitoring_wiring.cloudwatch_metrics().read(SHOWN, now - timedelta(hours=hours), now, period(hours))
    return json_response(metrics_response(series, hours, now))


@app.get("/alerts", dependencies=[ANALYST], **documented(AlertsResponse, query=AlertsQuery))
async def get_alerts(request: Request) -> Response:
    """Alarms that are on, and those of the last hours."""
    asked = query(request, AlertsQuery)
    found = monitoring_wiring.monitoring_store().alerts(datetime.now(UTC) - timedelta(hours=asked.hours))
    return json_response(alerts_response([one for one in found if asked.severity in {None, one.severity}]))


@app.post("/alerts/{alert_id:segment}/acknowledge", dependencies=[ANALYST], **documented(AlertObject))
async def acknowledge(alert_id: AlertIdPath, request: Request) -> Response:
    """Record that somebody has seen the alert; the first one stays recorded."""
    store, log = monitoring_wiring.monitoring_store(), audit_wiring.audit_log()
    alert = store.acknowledge(alert_id, author(request), datetime.now(UTC), log)
    return json_response(alert_object(alert))


def _needs() -> Needs:
    """Health checks and alerts are in one table."""
    return Needs(vital=[(monitoring_wiring.monitoring_needed(),)])


add_health(app, "monitoring", lambda name, now: health(name, _needs, now), "Healthy, or 503.")


lambda_handler = lambda_entry(app, "/api/v1/monitoring")
