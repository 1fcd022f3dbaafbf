"""Mails in the laptop cloud, all the way: a decision, an alarm, the outbox, and the links in them."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.laptop.cloudwatch.alarm import AlarmSpec, alarm_specs
from infra.laptop.cloudwatch.alarm_evaluator import EVERY_S
from infra.laptop.intrinsic import Resolver
from tests.conftest import ROOT
from tests.contract.expanded import template
from tests.integration.laptop.test_cloud import Up, until, up

FLAGGED = json.loads((ROOT / "events/transaction.json").read_text())
PREFIX = "/api/v1/notifications"
ADMIN = "ADMIN_API_KEY"


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    only = (
        "model",
        "notification",
        "notificationstream",
        "notificationworker",
        "notificationfeedback",
        "notificationnotice",
    )
    chosen = [word for name in only for word in ("--only", name)]
    with up(tmp_path_factory.mktemp("cloud") / "home", *chosen) as running:
        yield running


def mails(cloud: Up) -> list[dict[str, Any]]:
    """All in the outbox, oldest first."""
    found: list[dict[str, Any]] = json.loads(get(f"{cloud.address.outbox}/mails.json"))
    return found


def get(url: str, data: bytes | None = None) -> str:
    with urllib.request.urlopen(urllib.request.Request(url, data), timeout=60) as answer:
        return str(answer.read().decode())


def link(mail: dict[str, Any], action: str) -> str:
    return next(word for word in str(mail["text"]).split() if f"{PREFIX}/{action}?token=" in word)


def subscribe(cloud: Up, kind: str, email: str) -> None:
    """As people do: ask, open the mail, press the button."""
    body = json.dumps({"notification_type": kind, "contact": {"name": "Anna", "email": email}})
    until(lambda: cloud.call("POST", f"{PREFIX}/subscribers", ADMIN, body)[0] == 200)
    until(lambda: arrived(cloud, email, "Confirm"))
    confirm = link(arrived(cloud, email, "Confirm")[0], "confirm")
    assert "Yes, send them" in get(confirm)
    assert "Thank you" in get(confirm, b"")


def arrived(cloud: Up, email: str, subject: str) -> list[dict[str, Any]]:
    return [one for one in mails(cloud) if one["to"] == email and subject in one["subject"]]


def history(cloud: Up) -> list[dict[str, Any]]:
    status, said = cloud.call("GET", f"{PREFIX}/history", ADMIN)
    return list(said["history"]) if status == 200 else []


def test_a_payment_that_is_blocked_reaches_somebodys_mailbox(cloud: Up) -> None:
    subscribe(cloud, "high_risk_alerts", "anna@example.org")
    body = json.dumps({"transactions": [FLAGGED | {"transaction_id": "mailed-1"}]})
    until(lambda: cloud.post("/api/v1/score", body, cloud.keys["TEST_API_KEY"])[0] == 200)
    until(lambda: arrived(cloud, "anna@example.org", "critical: TRANSFER"))
    [mail] = arrived(cloud, "anna@example.org", "critical: TRANSFER")
    assert f"{cloud.address.gateway}/#/transactions/mailed-1" in mail["text"]
    until(lambda: {one["status"] for one in history(cloud)} == {"delivered"})
    page = get(f"{cloud.address.outbox}/mails/{mail['number']}")
    assert f'src="/mails/{mail["number"]}/html" sandbox="allow-popups' in page
    assert 'href="' in get(f"{cloud.address.outbox}/mails/{mail['number']}/html")


def test_an_alarm_goes_off_is_mailed_and_ends(cloud: Up) -> None:
    """The quickest there is: a datum of the period that is under way."""
    subscribe(cloud, "system_alerts", "ops@example.org")
    metrics = cloud.client("cloudwatch")
    datum = {"MetricName": "DegradedAnswer", "Dimensions": [{"Name": "scope", "Value": "all"}], "Value": 3.0}
    state = alarm_state(metrics, "fraudshield-dev-Degraded")

    def gone_off() -> bool:
        """While it lasts: a look may fall into the period after a datum's own."""
        metrics.put_metric_data(Namespace="FraudShield/dev", MetricData=[datum])
        return state() == "ALARM"

    until(gone_off, 60 + 3 * EVERY_S)
    until(lambda: arrived(cloud, "ops@example.org", "critical: Alarm Degraded"))


def alarm_state(metrics: Any, name: str) -> Callable[[], str]:
    return lambda: metrics.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["StateValue"]


def test_the_outbox_answers_this_machine_only(cloud: Up) -> None:
    asked = urllib.request.Request(
        f"{cloud.address.outbox}/mails.json", headers={"Origin": "https://elsewhere.example"}
    )
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(asked, timeout=60)
    with pytest.raises(urllib.error.HTTPError, match="404"):
        get(f"{cloud.address.outbox}/mails/999999")


@pytest.mark.long
def test_every_alarm_of_the_laptop_goes_off_and_those_of_short_periods_end(cloud: Up) -> None:
    """What `test_alarm_mail.py` does by a clock of its own, in real time; an alarm of an hour would take two."""
    until(lambda: cloud.call("PUT", f"{PREFIX}/thresholds", ADMIN, '{"mails_per_hour": 60, "based_on": 1}')[0] == 200)
    subscribe(cloud, "system_alerts", "watch@example.org")
    metrics = cloud.client("cloudwatch")
    known = {one["AlarmName"]: one["Dimensions"] for one in metrics.describe_alarms()["MetricAlarms"]}
    specs = [
        replace(spec, metric={**spec.metric, "Dimensions": known[spec.name]})
        for spec in alarm_specs(Resolver(template(), {}))
    ]
    state = {spec.name: alarm_state(metrics, spec.name) for spec in specs}
    left = {spec.name for spec in specs}
    written: list[datetime] = []

    def gone_off() -> bool:
        """A period may end between writing and looking, so what has not gone off yet is written again."""
        now = datetime.now(UTC)
        if not written or now - written[-1] > timedelta(seconds=EVERY_S):
            written.append(now)
            left.difference_update([name for name in left if state[name]() == "ALARM"])
            for spec in specs:
                for period in range(spec.periods if spec.name in left else 0):
                    at = spec.since(now) + timedelta(seconds=spec.period_s * period)
                    put(metrics, spec, 1.1 * spec.threshold + 1, at)
        return not left

    until(gone_off, 600)
    short = [spec.name for spec in specs if spec.period_s <= 300 and spec.missing != "breaching"]
    until(lambda: {state[name]() for name in short} == {"OK"}, 1200)

    def told() -> set[str]:
        texts = " ".join(one["text"] for one in mails(cloud) if one["to"] == "watch@example.org")
        return {spec.name for spec in specs if f"Alarm {spec.name.rsplit('-', 1)[-1]}" in texts}

    until(lambda: told() == set(state), 600)


def put(metrics: Any, spec: AlarmSpec, value: float, at: datetime) -> None:
    datum = {"MetricName": spec.metric["MetricName"], "Dimensions": spec.metric["Dimensions"], "Value": value}
    metrics.put_metric_data(Namespace=spec.metric["Namespace"], MetricData=[datum | {"Timestamp": at}])
