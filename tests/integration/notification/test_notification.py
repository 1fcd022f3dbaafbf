"""Notification: stored decisions reach people by mail, once; people say whether they want that."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fraudshield.aws.client import dynamodb, sesv2, sqs
from fraudshield.dynamo.stream import UNREADABLE
from fraudshield.errors import StoreUnavailable
from fraudshield.notification import wiring as notification_wiring
from fraudshield.notification.mail import MailStatus
from functions.notification import app, retry, worker
from functions.policy import app as policy
from tests.caller import Caller, Context
from tests.notification_app import PREFIX, NotificationApp, deliver, record, records
from tests.stack import MAIL, Stack, client

EVENTS = Path(__file__).parents[3] / "events"
FLAGGED: dict[str, Any] = json.loads((EVENTS / "transaction.json").read_text())
SCORE: dict[str, Any] = {"transaction": FLAGGED, "risk_score": 0.97}
NOBODY = Caller(None, handler=app.lambda_handler)


@pytest.fixture
def service(stack: Stack) -> NotificationApp:
    return NotificationApp(stack)


def score(*ids: str) -> None:
    for transaction_id in ids:
        [entry] = Caller().score(FLAGGED | {"transaction_id": transaction_id}).json["results"]
        assert entry["decision"] == "block"


def test_a_stored_decision_becomes_one_mail_with_what_how_much_why_and_a_link(service: NotificationApp) -> None:
    service.confirmed()
    score("t/1 ?")
    deliver(records(service.stack))
    service.work()
    [got] = service.alerts()
    assert got.to == "anna@example.org"
    assert got.subject.startswith("[FraudShield] critical: TRANSFER of ")
    for part in (got.text, got.html):
        assert "https://fraud.example/#/transactions/t%2F1%20%3F" in part
        assert "The type is TRANSFER" in part
        assert FLAGGED["nameOrig"] not in part
    [told, asked] = service.history()
    assert (told["status"], told["alerts"], told["mail_id"]) == ("sent", 1, got.mail_id)
    assert told["recipient"] == "a***@example.org"
    assert asked["kind"] == "confirmation"


def test_a_mail_has_no_field_of_a_type_of_ones_own(service: NotificationApp) -> None:
    own = {"phone": "+39CANARY1", "comment": "CANARY2", "fee": 8765.43}
    fields = {"phone": {"kind": "text", "personal": True}, "comment": {"kind": "text"}, "fee": {"kind": "money"}}
    types = Caller(handler=policy.lambda_handler)
    document = {"name": "app_payment", "extends": "payment", "unknown": "keep", "fields": fields}
    assert types.send("POST", "/api/v1/policy/event-types", document).status == 201
    service.confirmed()
    [entry] = Caller().score(FLAGGED | own | {"theirs": "CANARY3"}, event_type="app_payment").json["results"]
    assert entry["decision"] == "block"
    deliver(records(service.stack))
    service.work()
    [got] = service.alerts()
    assert "The type is TRANSFER" in got.text
    for part in (got.text, got.html, str(got.subject)):
        assert [canary for canary in ("CANARY", "8765", "8,765") if canary in part] == []


def test_what_comes_again_is_told_once(service: NotificationApp) -> None:
    service.confirmed()
    score("t-1", "t-2")
    for _ in range(3):
        deliver(records(service.stack))
        service.work()
    deliver([*records(service.stack), *records(service.stack)])
    service.work()
    assert [mail["alerts"] for mail in service.history()] == [2, 0]


MILD: dict[str, Any] = {"transaction": FLAGGED | {"transaction_id": "t-1"}, "risk_score": 0.51}


def test_a_milder_alert_does_not_swallow_the_critical_one_of_the_same_payment(service: NotificationApp) -> None:
    service.confirmed()
    told = service.call("POST", "/fraud-alert", MILD).json
    assert (told["severity"], told["told"]) == ("high", 1)
    service.work()
    score("t-1")
    for _ in range(2):
        deliver(records(service.stack))
        service.work()
    assert [got.subject.split(":")[0] for got in service.alerts()] == ["[FraudShield] high", "[FraudShield] critical"]
    assert service.call("POST", "/fraud-alert", MILD).json["status"] == "skipped"


def test_where_both_wait_one_mail_lists_the_payment_once_as_critical(service: NotificationApp) -> None:
    service.confirmed()
    service.call("POST", "/fraud-alert", MILD)
    score("t-1")
    deliver(records(service.stack))
    service.work()
    [got] = service.alerts()
    assert got.subject.startswith("[FraudShield] critical: ")
    assert got.text.count("#/transactions/t-1") == 1
    assert service.history()[0]["alerts"] == 1


def test_a_system_alert_that_becomes_critical_is_told_within_its_cool_down(service: NotificationApp) -> None:
    service.confirmed(kind="system_alerts")
    sent = {"alert_type": "disk", "message": "The disk fills"}
    told = [
        service.call("POST", "/system-alert", sent | {"severity": severity}).json["status"]
        for severity in ("warning", "warning", "critical", "critical", "high")
    ]
    assert told == ["queued", "skipped", "queued", "skipped", "skipped"]


def test_what_waits_is_in_the_history_until_it_is_in_a_mail(service: NotificationApp) -> None:
    service.confirmed(quiet_hours={"start": "00:00", "end": "23:59"})
    anna = service.confirmed("bo@example.org")
    service.call("POST", "/fraud-alert", MILD)
    waiting = {one["recipient"]: one for one in service.history() if one["status"] == "waiting"}
    assert (waiting["a***@example.org"]["reason"], waiting["a***@example.org"]["alerts"]) == ("quiet hours", 1)
    assert waiting["a***@example.org"]["next_at"] > waiting["a***@example.org"]["created_at"]
    bo = waiting["b***@example.org"]
    assert (bo["reason"], bo["subscriber_id"], bo["sent_at"]) == ("it goes with the next run", anna, None)
    service.work()
    assert [one["recipient"] for one in service.history() if one["status"] == "waiting"] == ["a***@example.org"]


def test_what_waits_comes_before_the_mails_and_hides_none_of_them(service: NotificationApp) -> None:
    for who in ("a", "b"):
        service.confirmed(f"{who}@example.org")
    service.call("POST", "/fraud-alert", MILD)
    for limit in (1, 2, 3, 4):
        seen, cursor = [], ""
        while cursor is not None:
            page = service.call("GET", f"/history?limit={limit}{cursor and f'&cursor={cursor}'}").json
            assert page["count"] == len(page["history"]) <= limit
            seen += page["history"]
            cursor = page["next_cursor"]
        assert [one["status"] for one in seen] == ["waiting"] * min(2, limit) + ["sent", "sent"]


def test_a_mail_counts_once_under_the_status_it_has(service: NotificationApp) -> None:
    service.confirmed()
    service.call("POST", "/fraud-alert", SCORE)
    service.work()
    for status in (MailStatus.DELIVERED, MailStatus.DELIVERED, MailStatus.BOUNCED):
        for mail in service.history():
            notification_wiring.mails().note(mail["mail_id"], status, "")
        assert service.call("GET", "/stats").json["mails"] == {status.value: 2}


def test_what_happens_to_a_decision_later_is_no_news(service: NotificationApp) -> None:
    service.confirmed()
    score("t-1")
    [stored] = records(service.stack)
    item = stored["dynamodb"]["NewImage"]
    undecided = {name: value for name, value in item.items() if name != "outcome"}
    deliver([record(item | {"label": {"S": "fraud"}}, old=item), record(undecided)])
    assert service.work() == 0
    deliver([record(item, old=undecided)])
    service.work()
    assert len(service.alerts()) == 1


def test_nobody_is_told_before_the_owner_of_the_address_says_so(service: NotificationApp) -> None:
    asked = service.subscribe()
    assert (asked["status"], asked["subscriber"]["standing"]) == ("pending", "pending")
    score("t-1")
    deliver(records(service.stack))
    service.work()
    [question] = service.mails()
    page = NOBODY.send("GET", question.link("confirm"))
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "<button>" in page.text
    assert service.subscribe()["status"] == "pending"  # reading the page does nothing
    service.work()
    assert len(service.mails()) == 1  # nor is anybody asked twice in ten minutes
    assert "Thank you" in NOBODY.send("POST", question.link("confirm")).text
    assert service.subscribe()["status"] == "confirmed"
    score("t-2")
    deliver(records(service.stack, lambda one: one == "t-2"))
    service.work()
    assert [mail["alerts"] for mail in service.history()] == [1, 0]


def test_a_link_that_we_did_not_sign_does_nothing(service: NotificationApp) -> None:
    subscriber_id = service.subscribe()["subscriber"]["subscriber_id"]
    service.work()
    [question] = service.mails()
    for link in (
        f"{PREFIX}/confirm?token={subscriber_id}.0.AAAA",
        f"{PREFIX}/confirm?token=x",
        f"{PREFIX}/confirm",
        question.link("unsubscribe").replace("unsubscribe", "confirm"),
        question.link("confirm")[:-2],
    ):
        for method in ("GET", "POST"):
            response = NOBODY.send(method, link)
            assert (response.status, "This link does not work" in response.text) == (400, True)
    assert service.call("GET", "/subscribers").json["subscribers"][0]["standing"] == "pending"


def test_the_link_in_a_mail_ends_the_subscription_and_forgets_the_address(service: NotificationApp) -> None:
    service.confirmed()
    score("t-1")
    deliver(records(service.stack))
    service.work()
    [got] = service.alerts()
    assert str(got.message["List-Unsubscribe-Post"]) == "List-Unsubscribe=One-Click"
    link = got.link("unsubscribe")
    assert link in str(got.message["List-Unsubscribe"]).replace("\n", "").replace(" ", "")
    assert "<button>" in NOBODY.send("GET", link).text
    for _ in range(2):  # safe to repeat
        assert "Done" in NOBODY.send_text("POST", link, "List-Unsubscribe=One-Click").text
    assert service.call("GET", "/subscribers").json == {"subscribers": [], "count": 0}
    service.work()
    score("t-2")
    deliver(records(service.stack))
    assert service.work() == 0
    table = client("dynamodb").scan(TableName=service.stack.resolver.refs["NotificationsTable"])["Items"]
    assert "anna@" not in str(table)
    assert {item["series"]["S"].partition("#")[0] for item in table} <= {"mail", "content", "told", "counts", "round"}


def test_who_subscribes_again_while_the_subscription_is_being_removed_is_told_to_wait(service: NotificationApp) -> None:
    ended = service.confirmed()
    assert service.call("DELETE", f"/subscribers/{ended}").status == 200
    sent = {"notification_type": "high_risk_alerts", "contact": {"name": "Anna", "email": "anna@example.org"}}
    refused = service.call("POST", "/subscribers", sent)
    assert (refused.status, refused.json["code"]) == (409, "subscription_ending")
    service.work()
    assert service.subscribe()["status"] == "pending"


def test_severity_and_quiet_hours_are_changed_by_subscribing_again(service: NotificationApp) -> None:
    subscriber_id = service.confirmed(severity="warning")
    quiet = {"start": "22:00", "end": "06:00", "timezone": "Europe/Rome"}
    changed = service.subscribe("ANNA@example.org", severity="critical", quiet_hours=quiet)["subscriber"]
    assert changed["subscriber_id"] == subscriber_id
    assert (changed["severity"], changed["quiet_hours"], changed["standing"]) == ("critical", quiet, "confirmed")
    assert service.call("POST", "/fraud-alert", SCORE | {"risk_score": 0.6}).json["status"] == "skipped"


@pytest.mark.parametrize(
    ("risk", "status", "severity"), [(0.4999, "skipped", None), (0.5, "queued", "high"), (1, "queued", "critical")]
)
def test_a_risk_that_others_found_is_told_from_the_threshold_on(
    service: NotificationApp, risk: float, status: str, severity: str | None
) -> None:
    service.confirmed()
    told = service.call("POST", "/fraud-alert", SCORE | {"risk_score": risk}).json
    assert (told["status"], told["severity"]) == (status, severity)
    assert service.call("POST", "/fraud-alert", SCORE | {"risk_score": risk}).json["status"] == "skipped"
    service.work()
    assert len(service.alerts()) == (status == "queued")


def test_repeats_of_a_system_alert_are_held_back_and_counted(service: NotificationApp) -> None:
    service.confirmed("ops@example.org", "system_alerts")
    body = {"alert_type": "disk", "message": "The disk is full", "details": {"percent": 97.5, "host": ["a", "b"]}}
    statuses = [service.call("POST", "/system-alert", body).json["status"] for _ in range(4)]
    assert statuses == ["queued", "skipped", "skipped", "skipped"]
    assert service.call("POST", "/system-alert", body | {"alert_type": "cpu"}).json["status"] == "queued"
    assert service.call("PUT", "/thresholds", {"system_cooldown_s": 0, "based_on": 1}).status == 200
    assert service.call("POST", "/system-alert", body).json["status"] == "queued"
    service.work()
    text = "".join(got.text for got in service.alerts())
    assert "It was reported 3 more times since the last mail about it" in text
    assert "percent: 97.5" in text
    assert 'host: ["a", "b"]' in text


def test_an_alert_that_was_not_told_to_the_end_is_told_by_its_repeat(
    service: NotificationApp, told: Callable[..., None]
) -> None:
    service.confirmed("ops@example.org", "system_alerts")
    body = {"alert_type": "disk", "message": "The disk is full"}
    told(MAIL_QUEUE_URL="https://sqs.eu-west-1.amazonaws.com/123456789012/gone")
    assert service.call("POST", "/system-alert", body).status == 503
    told(MAIL_QUEUE_URL=service.stack.resolver.refs["MailQueue"])
    assert service.call("POST", "/system-alert", body).status == 200
    service.work()
    assert len(service.alerts()) == 1


def test_thresholds_are_versions_that_say_who_made_them(service: NotificationApp) -> None:
    first = service.call("GET", "/thresholds").json
    assert (first["version"], first["alert_risk"], first["mails_per_hour"]) == (1, 0.5, 12)
    second = service.call("PUT", "/thresholds", {"alert_risk": 0.7, "based_on": 1, "note": "fewer"}).json
    assert (second["version"], second["created_by"]) == (2, "AdminKey")
    assert service.call("GET", "/thresholds").json == second
    assert service.call("PUT", "/thresholds", {"alert_risk": 0.8, "based_on": 1}).status == 409
    assert service.call("PUT", "/thresholds", {"alert_risk": 0.09, "based_on": 2}).status == 422
    assert service.call("GET", "/thresholds/history").json == {"thresholds": [second], "count": 1}


def test_mails_are_listed_in_pages_and_counted(service: NotificationApp) -> None:
    for who in ("a", "b", "c"):
        service.confirmed(f"{who}@example.org")
    service.call("POST", "/fraud-alert", SCORE)
    service.work()
    seen, cursor = [], ""
    while cursor is not None:
        page = service.call("GET", f"/history?limit=2{cursor and f'&cursor={cursor}'}").json
        seen += page["history"]
        cursor = page["next_cursor"]
    assert seen == service.history()
    assert len({mail["mail_id"] for mail in seen}) == 6
    stats = service.call("GET", "/stats").json
    assert (stats["mails"], stats["alerts"]) == ({"sent": 6}, 3)
    assert stats["subscribers"] == {"pending": 0, "confirmed": 3, "suppressed": 0}
    assert service.call("GET", "/history?cursor=nonsense").status == 400


def test_without_a_sender_or_an_address_nobody_is_asked_and_that_is_said(
    service: NotificationApp, told: Callable[..., None]
) -> None:
    for name in MAIL:
        told(**MAIL | {name: ""})
        body = {"notification_type": "system_alerts", "contact": {"name": "a", "email": "a@example.org"}}
        response = service.call("POST", "/subscribers", body)
        assert (response.status, response.json["code"]) == (503, "configuration_error")
        assert name in response.text


def test_what_cannot_be_read_is_dead_lettered_and_the_rest_is_told(service: NotificationApp) -> None:
    service.confirmed()
    score("t-1", "t-2")
    good, bad = records(service.stack)
    damaged = record(bad["dynamodb"]["NewImage"] | {"risk": {"S": "high"}})
    deliver([damaged, good])
    [body] = service.stack.messages(service.stack.resolver.refs["AlertsRetryQueue"])
    event = {"Records": [{"messageId": "m-1", "body": body, "eventSource": "aws:sqs"}]}
    assert retry.lambda_handler(event, Context())["batchItemFailures"] == [{"itemIdentifier": "m-1"}]  # type: ignore[arg-type]
    mended = json.dumps({"shard": "", "record": bad})
    event["Records"][0]["body"] = mended
    for _ in range(2):
        assert retry.lambda_handler(event, Context()) == {"batchItemFailures": []}  # type: ignore[arg-type]
    service.work()
    assert [mail["alerts"] for mail in service.history()] == [2, 0]


def test_of_dead_letters_all_are_told_but_what_cannot_be_read(service: NotificationApp) -> None:
    service.confirmed()
    score("t-1", "t-2")
    good, bad = records(service.stack)
    damaged = [
        record(bad["dynamodb"]["NewImage"] | {"reasons": {"S": text}}) for text in ("[1]", "{}}", "[" * 100_000, "[{}]")
    ]
    with pytest.raises(UNREADABLE):
        notification_wiring.stored_alerts().tell_all([*damaged, good])
    service.work()
    assert [mail["alerts"] for mail in service.history()] == [1, 0]


def test_a_run_with_nothing_to_do_wakes_nobody(service: NotificationApp) -> None:
    service.confirmed()
    service.work()
    worker.lambda_handler({"Records": []}, Context())  # type: ignore[arg-type]
    assert service.stack.messages(service.stack.resolver.refs["MailQueue"]) == []


def test_a_wake_up_that_met_an_outage_is_back_within_seconds(
    service: NotificationApp, told: Callable[..., None]
) -> None:
    """The queue itself would hide it for six minutes."""
    queue, queues = service.stack.resolver.refs["MailQueue"], client("sqs")
    queues.send_message(QueueUrl=queue, MessageBody="{}")
    asked: dict[str, Any] = {"QueueUrl": queue, "AttributeNames": ["All"]}
    [received] = queues.receive_message(**asked)["Messages"]
    told(AWS_ENDPOINT_URL_DYNAMODB="http://127.0.0.1:9")
    told_of = {"receiptHandle": received["ReceiptHandle"], "attributes": received["Attributes"]}
    message = {"messageId": "m0", "body": received["Body"]} | told_of
    with pytest.raises(StoreUnavailable):
        worker.lambda_handler({"Records": [message]}, Context())  # type: ignore[arg-type]
    [again] = queues.receive_message(**asked, WaitTimeSeconds=20)["Messages"]
    assert again["Attributes"]["ApproximateReceiveCount"] == "2"


def calls_of(service: str, made: list[str]) -> Callable[..., None]:
    """Listens to a client: the name of each call."""
    return lambda model, **_: made.append(f"{service} {model.name}")


def test_scoring_makes_the_same_calls_whether_anybody_is_told_or_not(service: NotificationApp) -> None:
    def score_and_count(*ids: str) -> list[str]:
        made: list[str] = []
        for name, made_by in (("dynamodb", dynamodb()), ("sqs", sqs()), ("ses", sesv2())):
            made_by.meta.events.register("before-call", calls_of(name, made), unique_id="count")
        score(*ids)
        for made_by in (dynamodb(), sqs(), sesv2()):
            made_by.meta.events.unregister("before-call", unique_id="count")
        return made

    score("warm")
    alone = score_and_count("t-1", "t-2")
    for who in ("a", "b", "c"):
        service.confirmed(f"{who}@example.org")
    assert score_and_count("t-3", "t-4") == alone == ["dynamodb PutItem"] * 2
