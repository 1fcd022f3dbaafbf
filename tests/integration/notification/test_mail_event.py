"""What comes back about mails, and what other services have to say."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fraudshield.batch.event import job_message
from fraudshield.batch.job import Job, JobFile, JobOptions
from functions.notification import feedback, notice, worker
from tests.caller import Context
from tests.integration.notification.test_notification import SCORE
from tests.notification_app import NotificationApp
from tests.stack import Stack

EVENTS = Path(__file__).parents[3] / "events"


@pytest.fixture
def service(stack: Stack) -> NotificationApp:
    return NotificationApp(stack)


def news(kind: str, mail_id: str, **changes: Any) -> None:
    """SES tells something of a mail."""
    event = json.loads((EVENTS / f"notification_feedback_{kind}.json").read_text())
    sns = event["Records"][0]["Sns"]
    body = json.loads(sns["Message"])
    body["mail"]["tags"]["mail_id"] = [mail_id]
    body[kind] |= changes
    sns["Message"] = json.dumps(body)
    feedback.lambda_handler(event, Context())


def said(message: Any, event: str = "notification_sns_alarm") -> None:
    """A topic tells something."""
    told = json.loads((EVENTS / f"{event}.json").read_text())
    sns = told["Records"][0]["Sns"]
    sns["Message"] = json.dumps(json.loads(sns["Message"]) | message) if isinstance(message, dict) else message
    notice.lambda_handler(told, Context())


def alerted(service: NotificationApp) -> str:
    """Somebody was told of something: the mail's id."""
    service.call("POST", "/fraud-alert", SCORE)
    service.work()
    mail_id: str = service.history()[0]["mail_id"]
    return mail_id


def statuses(service: NotificationApp) -> list[str]:
    return [one["standing"] for one in service.call("GET", "/subscribers").json["subscribers"]]


def test_a_mail_that_arrived_is_delivered_and_news_never_leads_back(service: NotificationApp) -> None:
    service.confirmed()
    mail_id = alerted(service)
    news("delivery", mail_id)
    assert service.history()[0]["status"] == "delivered"
    news("complaint", mail_id)
    news("delivery", mail_id)
    [mail, *_] = service.history()
    assert (mail["status"], mail["reason"]) == ("complained", "abuse")
    assert service.call("GET", "/stats").json["mails"] == {"complained": 1, "sent": 1}


@pytest.mark.parametrize(("kind", "status"), [("bounce", "bounced"), ("complaint", "complained")])
def test_an_address_that_bounces_or_complains_is_suppressed_in_all_its_subscriptions(
    service: NotificationApp, kind: str, status: str
) -> None:
    service.confirmed()
    service.confirmed("ANNA@example.org", "system_alerts")
    service.confirmed("bo@example.org")
    news(kind, alerted(service))  # the newest mail is Bo's or Anna's: both have one
    assert sorted(statuses(service)) in (
        ["confirmed", "suppressed", "suppressed"],
        ["confirmed", "confirmed", "suppressed"],
    )
    [one, *_] = [
        one for one in service.call("GET", "/subscribers").json["subscribers"] if one["standing"] == "suppressed"
    ]
    assert one["reason"].startswith(f"{status}: ")


def test_nothing_is_sent_to_a_suppressed_address_until_its_owner_says_yes_again(service: NotificationApp) -> None:
    subscriber_id = service.confirmed()
    news("bounce", alerted(service))
    before = len(service.mails())
    service.call("POST", "/fraud-alert", SCORE | {"transaction": SCORE["transaction"] | {"transaction_id": "another"}})
    service.work()
    assert len(service.mails()) == before
    assert service.subscribe()["status"] == "suppressed"
    assert service.call("DELETE", f"/subscribers/{subscriber_id}").status == 200
    assert service.call("DELETE", "/subscribers/nobody").status == 404
    service.work()
    assert service.subscribe()["status"] == "pending"


def test_a_mailbox_that_is_full_is_no_reason_to_suppress(service: NotificationApp) -> None:
    service.confirmed()
    news("bounce", alerted(service), bounceType="Transient", bounceSubType="MailboxFull")
    assert service.history()[0]["reason"] == "Transient MailboxFull"
    assert statuses(service) == ["confirmed"]


def test_what_is_no_news_of_ours_is_dropped(service: NotificationApp) -> None:
    service.confirmed()
    mail_id = alerted(service)
    news("delivery", "20200101T000000000000-aaaaaaaa")
    for message in ("", "[]", "{}", '{"eventType": "Bounce"}', '{"eventType": "Send", "mail": {}}'):
        event = json.loads((EVENTS / "notification_feedback_bounce.json").read_text())
        event["Records"][0]["Sns"]["Message"] = message
        feedback.lambda_handler(event, Context())
    assert service.history()[0] | {"mail_id": mail_id} == service.history()[0]
    assert service.history()[0]["status"] == "sent"


def test_an_alarm_reaches_those_who_watch_the_system_when_it_comes_and_when_it_goes(service: NotificationApp) -> None:
    service.confirmed("ops@example.org", "system_alerts")
    service.confirmed("anna@example.org")
    for _ in range(2):  # SNS may tell twice
        said({})
    service.work()
    [got] = service.alerts()
    assert (got.to, got.subject) == ("ops@example.org", "[FraudShield] critical: Alarm Degraded")
    assert "decisions are made without the model, the policy or the store" in got.text
    said({"NewStateValue": "INSUFFICIENT_DATA"})
    assert service.work() == 0
    service.call("PUT", "/thresholds", {"mails_per_hour": 60, "based_on": 1})
    said({"NewStateValue": "OK"})
    assert service.work() > 0


def test_an_alarm_about_the_store_is_told_when_the_store_is_back(
    service: NotificationApp, told: Callable[..., None]
) -> None:
    """Lambda's own retries are over after three minutes."""
    service.confirmed("ops@example.org", "system_alerts")
    service.work()
    told(AWS_ENDPOINT_URL_DYNAMODB="http://127.0.0.1:9")
    said({})
    told(AWS_ENDPOINT_URL_DYNAMODB="")
    [body] = service.stack.messages(service.stack.resolver.refs["MailQueue"])
    for _ in range(2):  # SQS may deliver twice
        worker.lambda_handler({"Records": [{"body": body}, {"body": "{}"}, {"body": "no JSON"}]}, Context())  # type: ignore[arg-type]
    [got] = service.alerts()
    assert (got.to, got.subject) == ("ops@example.org", "[FraudShield] critical: Alarm Degraded")


def test_a_kept_notice_that_is_none_is_dropped_and_the_run_goes_on(service: NotificationApp) -> None:
    service.confirmed("ops@example.org", "system_alerts")
    said({})
    body = json.dumps({"notice": "no JSON"})
    worker.lambda_handler({"Records": [{"body": body}]}, Context())  # type: ignore[arg-type]
    assert len(service.alerts()) == 1


@pytest.mark.parametrize("message", ["", "no JSON", "[]", "{}", '{"job_id": 1}', '{"NewStateValue": "ALARM"}'])
def test_what_is_no_notice_is_dropped(service: NotificationApp, message: str) -> None:
    service.confirmed("ops@example.org", "system_alerts")
    said(message)
    assert service.work() == 0


def test_the_end_of_a_real_job_can_be_read(service: NotificationApp) -> None:
    file = JobFile("bucket", "incoming/a.csv", "v-1", 10, datetime.now(UTC))
    options = JobOptions(notify="ops@example.org")
    job = Job(file, "process_csv", options, "failed", datetime.now(UTC), error_message="It is no CSV")
    service.confirmed("ops@example.org", "system_alerts")
    for status in ("cancelled", "failed"):
        said(json.dumps(job_message(replace(job, status=status))), "notification_sns_job")
    service.work()
    [got] = service.alerts()
    assert got.subject == "[FraudShield] high: The batch job is failed"
    assert "It is no CSV" in got.text


def test_the_end_of_a_job_is_told_to_who_asked_and_else_to_those_who_watch_the_system(service: NotificationApp) -> None:
    for email, kind in (("anna@example.org", "high_risk_alerts"), ("ops@example.org", "system_alerts")):
        service.confirmed(email, kind)
    service.subscribe("bo@example.org", "system_alerts")  # who has not said yes
    said({"job_id": "j-1", "notify": "ANNA@example.org"}, "notification_sns_job")
    said({"job_id": "j-2", "notify": "bo@example.org"}, "notification_sns_job")
    for _ in range(2):
        said({"job_id": "j-3", "status": "failed", "error_message": "It broke"}, "notification_sns_job")
    service.work()
    got = {one.to: one.text for one in service.alerts()}
    assert got.keys() == {"anna@example.org", "ops@example.org"}
    assert "1,200 transactions read, 2 of them not scored" in got["anna@example.org"]
    assert "j-1" in got["anna@example.org"]
    assert "It broke" in got["ops@example.org"]
    assert ("j-2" in got["ops@example.org"], "j-1" in got["ops@example.org"]) == (True, False)
