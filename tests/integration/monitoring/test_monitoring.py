"""Monitoring: health checks are kept, alarms become alerts, and people can ask."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.errors import Malformed, StoreUnavailable
from fraudshield.monitoring import wiring as monitoring_wiring
from fraudshield.monitoring.alarm import AlarmChange, alarm_change
from fraudshield.monitoring.health_check import HealthCheck
from fraudshield.monitoring.service_health import ServiceHealth
from functions.monitoring import alarm, app, schedule
from tests.caller import Caller, Context
from tests.stack import Stack, client

EVENTS = Path(__file__).parents[3] / "events"
PREFIX = "/api/v1/monitoring"
FINE, DOWN = ServiceHealth("healthy", 0.01, ""), ServiceHealth("unhealthy", 2.0, "no response in time")


@pytest.fixture
def analyst() -> Caller:
    return Caller("AnalystKey", handler=app.lambda_handler)


def now() -> datetime:
    return datetime.now(UTC)


def changed(what: str = "Degraded", on: bool = True, at: datetime | None = None, severity: str = "critical") -> Any:
    """An SNS event of an alarm, now or at another time."""
    event = json.loads((EVENTS / "monitoring_sns_alarm.json").read_text())
    sns = event["Records"][0]["Sns"]
    message = json.loads(sns["Message"]) | {
        "AlarmName": f"fraudshield-dev-{what}",
        "AlarmDescription": f"{severity}: something is wrong",
        "NewStateValue": "ALARM" if on else "OK",
        "StateChangeTime": (at or now()).strftime("%Y-%m-%dT%H:%M:%S.%f+0000"),
    }
    sns["Message"] = json.dumps(message)
    return event


def handle(*events: Any) -> None:
    for event in events:
        alarm.lambda_handler(event, Context())


def test_without_a_health_check_the_status_is_unknown(stack: Stack, analyst: Caller) -> None:
    told = analyst.send("GET", f"{PREFIX}/overview").json
    assert (told["system_status"], told["monitoring_active"], told["last_check"]) == ("unknown", False, None)
    assert told["services"] == {"total": 0, "healthy": 0, "degraded": 0, "unhealthy": 0}
    assert told["system_metrics"] == {"cpu": None, "memory": None, "disk": None}
    assert analyst.send("GET", f"{PREFIX}/services").json["services"] == {}


def test_a_health_check_is_kept_and_shown(stack: Stack, analyst: Caller) -> None:
    store = monitoring_wiring.monitoring_store()
    store.add_check(HealthCheck(now() - timedelta(minutes=6), {"model": DOWN, "ingest": FINE}))
    store.add_check(HealthCheck(now(), {"model": FINE, "ingest": FINE}, {"cpu": 12.5}, {"IngestDeadLetters": 3}))
    told = analyst.send("GET", f"{PREFIX}/overview").json
    assert (told["system_status"], told["monitoring_active"], told["dead_letters"]) == ("healthy", True, 3)
    assert told["system_metrics"] == {"cpu": 12.5, "memory": None, "disk": None}
    model = analyst.send("GET", f"{PREFIX}/services?hours=1").json["services"]["model"]
    assert (model["status"], model["checks"], model["availability"]) == ("healthy", 2, 0.5)
    assert model["mean_response_time"] == pytest.approx(1.005)


def test_a_service_that_is_down_is_critical(stack: Stack, analyst: Caller) -> None:
    monitoring_wiring.monitoring_store().add_check(HealthCheck(now(), {"model": DOWN}))
    assert analyst.send("GET", f"{PREFIX}/overview").json["system_status"] == "critical"


def test_an_old_health_check_counts_as_none(stack: Stack, analyst: Caller) -> None:
    monitoring_wiring.monitoring_store().add_check(HealthCheck(now() - timedelta(minutes=16), {"model": FINE}))
    told = analyst.send("GET", f"{PREFIX}/overview").json
    assert (told["system_status"], told["monitoring_active"]) == ("unknown", False)


def test_an_alarm_opens_an_alert_and_its_end_closes_it(stack: Stack, analyst: Caller) -> None:
    handle(changed())
    [told] = analyst.send("GET", f"{PREFIX}/alerts").json["alerts"]
    assert (told["alarm"], told["severity"], told["status"], told["closed_at"]) == (
        "Degraded",
        "critical",
        "open",
        None,
    )
    handle(changed(on=False))
    [told] = analyst.send("GET", f"{PREFIX}/alerts").json["alerts"]
    assert told["status"] == "resolved"
    assert told["closed_at"] > told["opened_at"]


def test_a_message_that_comes_again_changes_nothing(stack: Stack, analyst: Caller) -> None:
    on, off = changed(), changed(on=False, at=now() + timedelta(seconds=1))
    handle(on, on)
    assert analyst.send("GET", f"{PREFIX}/alerts").json["count"] == 1
    handle(off, on, off)
    [told] = analyst.send("GET", f"{PREFIX}/alerts").json["alerts"]
    assert told["status"] == "resolved"


def test_an_attempt_that_ended_in_the_middle_is_made_up_for(stack: Stack, analyst: Caller) -> None:
    event = changed()
    handle(event)
    dynamo_wiring.store_calls().one(lambda: remove_pointer(stack))
    handle(event, changed(on=False))
    [told] = analyst.send("GET", f"{PREFIX}/alerts").json["alerts"]
    assert told["status"] == "resolved"


def remove_pointer(stack: Stack) -> None:
    key = {"series": {"S": "open"}, "at": {"S": "Degraded"}}
    client("dynamodb").delete_item(TableName=stack.resolver.refs["MonitoringTable"], Key=key)


def test_an_old_alert_that_is_still_open_is_listed(stack: Stack, analyst: Caller) -> None:
    handle(changed("Cpu", at=now() - timedelta(days=3), severity="warning"), changed("DeadLetters"))
    told = analyst.send("GET", f"{PREFIX}/alerts?hours=1").json["alerts"]
    assert [one["alarm"] for one in told] == ["DeadLetters", "Cpu"]
    told = analyst.send("GET", f"{PREFIX}/alerts?hours=1&severity=warning").json["alerts"]
    assert [one["alarm"] for one in told] == ["Cpu"]


def test_who_has_seen_an_alert_first_stands(stack: Stack, analyst: Caller) -> None:
    handle(changed())
    [alert] = analyst.send("GET", f"{PREFIX}/alerts").json["alerts"]
    first = analyst.send("POST", f"{PREFIX}/alerts/{alert['id']}/acknowledge").json
    assert first["status"] == "acknowledged"
    again = analyst.send("POST", f"{PREFIX}/alerts/{alert['id']}/acknowledge").json
    assert again["acknowledged_at"] == first["acknowledged_at"]
    assert analyst.send("POST", f"{PREFIX}/alerts/none/acknowledge").status == 404


@pytest.mark.parametrize("message", ["", "no JSON", "[]", "{}", '{"NewStateValue": "ALARM"}', '{"NewStateValue": 1}'])
def test_what_is_no_alarm_is_dropped(stack: Stack, analyst: Caller, message: str) -> None:
    event = changed()
    event["Records"][0]["Sns"]["Message"] = message
    handle(event)
    assert analyst.send("GET", f"{PREFIX}/alerts").json["count"] == 0


def test_missing_data_is_no_alert(stack: Stack, analyst: Caller) -> None:
    event = changed()
    sns = event["Records"][0]["Sns"]
    sns["Message"] = json.dumps(json.loads(sns["Message"]) | {"NewStateValue": "INSUFFICIENT_DATA"})
    handle(event)
    assert analyst.send("GET", f"{PREFIX}/alerts").json["count"] == 0


def state(before: str, after: str, missing: str) -> Any:
    """An SNS event of a change of state; `missing` is what the alarm takes no data for."""
    event = changed("NotWatched")
    sns = event["Records"][0]["Sns"]
    message = json.loads(sns["Message"])
    message |= {"OldStateValue": before, "NewStateValue": after}
    message["Trigger"]["TreatMissingData"] = missing
    sns["Message"] = json.dumps(message)
    return event


def test_no_data_are_an_alert_of_an_alarm_that_watches_for_them(stack: Stack, analyst: Caller) -> None:
    handle(state("OK", "INSUFFICIENT_DATA", "missing"))
    [told] = analyst.send("GET", f"{PREFIX}/alerts").json["alerts"]
    assert (told["alarm"], told["status"]) == ("NotWatched", "open")
    handle(state("INSUFFICIENT_DATA", "OK", "missing"))
    [told] = analyst.send("GET", f"{PREFIX}/alerts").json["alerts"]
    assert told["status"] == "resolved"


def test_what_is_well_when_it_is_first_looked_at_is_news_to_nobody() -> None:
    event = state("INSUFFICIENT_DATA", "OK", "notBreaching")
    assert alarm_change(event["Records"][0]["Sns"]["Message"]) is None


@pytest.mark.parametrize("query", ["hours=0", "hours=abc", "hours=169", "day=1", "hours=1&hours=2"])
def test_a_question_that_makes_no_sense_is_told_so(stack: Stack, analyst: Caller, query: str) -> None:
    response = analyst.send("GET", f"{PREFIX}/services?{query}")
    assert (response.status, response.json["code"]) == (400, "invalid_parameter")


def test_the_schedule_checks_and_keeps_what_it_found(
    stack: Stack, analyst: Caller, capsys: pytest.CaptureFixture[str], told: Callable[..., None]
) -> None:
    told(DEAD_LETTER_QUEUE_URLS=stack.resolver.refs["UnpersistedDeadLetters"], SERVICE_FUNCTIONS="")
    schedule.lambda_handler({"check": "health"}, Context())
    out = capsys.readouterr().out
    assert emitted(out) == {"UnhealthyServices"}
    [line] = [json.loads(line) for line in out.splitlines() if '"_aws"' in line]
    assert line["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["scope"]]  # one metric to pay, and no more
    assert analyst.send("GET", f"{PREFIX}/overview").json["monitoring_active"] is True


def test_what_a_check_found_is_told_even_where_it_cannot_be_kept(
    stack: Stack, capsys: pytest.CaptureFixture[str], told: Callable[..., None]
) -> None:
    told(MONITORING_TABLE="gone", DEAD_LETTER_QUEUE_URLS="", SERVICE_FUNCTIONS="")
    with pytest.raises(StoreUnavailable):
        schedule.lambda_handler({"check": "health"}, Context())
    assert emitted(capsys.readouterr().out) == {"UnhealthyServices"}


def test_dead_letters_make_a_metric_while_there_are_any(
    stack: Stack, capsys: pytest.CaptureFixture[str], told: Callable[..., None]
) -> None:
    url = stack.resolver.refs["UnpersistedDeadLetters"]
    client("sqs").send_message(QueueUrl=url, MessageBody="given up")
    told(DEAD_LETTER_QUEUE_URLS=url, SERVICE_FUNCTIONS="")
    schedule.lambda_handler({"check": "health"}, Context())
    assert emitted(capsys.readouterr().out) == {"UnhealthyServices", "DeadLetters"}
    [check] = monitoring_wiring.monitoring_store().checks(now() - timedelta(hours=1))
    assert check.dead_letters == {"UnpersistedDeadLetters": 1}


def test_a_check_that_there_is_not_is_refused() -> None:
    with pytest.raises(Malformed, match="'weather'; there are health"):
        schedule.lambda_handler({"check": "weather"}, Context())


def emitted(out: str) -> set[str]:
    """The metrics in what was written."""
    lines = [json.loads(line) for line in out.splitlines() if '"_aws"' in line]
    return {metric["Name"] for line in lines for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]}


def test_an_alarms_id_tells_its_time_and_name() -> None:
    at = datetime(2026, 11, 24, 10, tzinfo=UTC)
    assert AlarmChange("Cpu", "warning", True, at, "").id == "2026-11-24T10:00:00.000000Z~Cpu"


def test_what_is_wrong_is_counted_though_the_store_is_away(
    stack: Stack, told: Callable[..., None], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The alarm about the store's outage must not wait for the store."""
    told(DEAD_LETTER_QUEUE_URLS=stack.unpersisted, SERVICE_FUNCTIONS="")
    client("sqs").send_message(QueueUrl=stack.unpersisted, MessageBody="given up")
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:9")
    with pytest.raises(StoreUnavailable):
        schedule.lambda_handler({"check": "health"}, Context())
    counted = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    assert [one["DeadLetters"] for one in counted if "DeadLetters" in one] == [[1.0]]
