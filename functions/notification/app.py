"""The notification service: alerts, their thresholds, subscribers and mails."""

from datetime import UTC, datetime

from fastapi import Depends, Request, Response

from fraudshield.api.app import add_health, create_app
from fraudshield.api.entry import lambda_entry
from fraudshield.api.health import health
from fraudshield.api.openapi import documented
from fraudshield.api.request import SCOPES, author, json_body, scope
from fraudshield.api.response import json_response
from fraudshield.dependency import Needs
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.errors import ThresholdsConflict
from fraudshield.notification import wiring as notification_wiring
from fraudshield.notification.alert import sent_alert
from fraudshield.notification.request import (
    FraudAlertRequest,
    SystemAlertRequest,
    read_fraud_alert,
    read_system_alert,
    requested_alert,
    windowed,
)
from fraudshield.notification.response import AlertResponse, skipped_response, told_response
from fraudshield.notification.threshold import (
    AlertThresholds,
    AlertThresholdsChange,
    amend,
    current,
    read_thresholds_change,
)
from functions.notification import history, link, subscriber

SCORE, ANALYST, ADMIN = (Depends(scope(name)) for name in SCOPES)

app = create_app("notification", "Tells people of decisions and of the system, once, by mail.")


@app.post("/fraud-alert", dependencies=[SCORE], **documented(AlertResponse, FraudAlertRequest))
async def fraud_alert(request: Request) -> Response:
    """Tell of a transaction whose risk was found elsewhere; what is scored here is told by itself."""
    sent = read_fraud_alert(await json_body(request))
    thresholds = current(notification_wiring.alert_thresholds())
    alert = sent_alert(sent.transaction, sent.risk_score, thresholds, datetime.now(UTC))
    if alert is None:
        return json_response(skipped_response(thresholds.alert_risk))
    return json_response(told_response(alert, notification_wiring.announcer().announce([alert])))


@app.post("/system-alert", dependencies=[ADMIN], **documented(AlertResponse, SystemAlertRequest))
async def system_alert(request: Request) -> Response:
    """Tell of the system. Repeats of a type within its cool-down are held back and counted."""
    sent, now = read_system_alert(await json_body(request)), datetime.now(UTC)
    thresholds = current(notification_wiring.alert_thresholds())
    alert = windowed(notification_wiring.cool_down(), thresholds, sent.alert_type, now, requested_alert(sent, now))
    return json_response(told_response(alert, notification_wiring.announcer().announce([alert])))


@app.get("/thresholds", dependencies=[ANALYST], **documented(AlertThresholds))
async def thresholds() -> Response:
    """From when on people are told, and how often at most."""
    return json_response(current(notification_wiring.alert_thresholds()).model_dump())


@app.put(
    "/thresholds",
    dependencies=[ADMIN],
    **documented(AlertThresholds, AlertThresholdsChange, raises=(ThresholdsConflict,)),
)
async def put_thresholds(request: Request) -> Response:
    """Store the next version, based on the one that was read."""
    change = read_thresholds_change(await json_body(request))
    amended = amend(notification_wiring.audited_thresholds(), change, author(request), datetime.now(UTC))
    return json_response(amended.model_dump())


def _needs() -> Needs:
    """Alerts are kept in its table; the queue wakes who sends them, and the secret signs their links."""
    return Needs(
        vital=[(notification_wiring.notifications_needed(),)],
        besides=[notification_wiring.mail_queue_needed(), dynamo_wiring.secret_needed()],
    )


add_health(app, "notification", lambda name, now: health(name, _needs, now), "Healthy, degraded and why, or 503.")


app.include_router(subscriber.router)
app.include_router(history.router)
app.include_router(link.router)
lambda_handler = lambda_entry(app, "/api/v1/notifications")
