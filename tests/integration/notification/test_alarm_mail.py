"""Every alarm of the template goes off on its condition and ends, and both are mailed.

The laptop's evaluator goes by the test's clock; its topics tell the functions, the dispatcher runs, SES takes the mail.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fraudshield.notification import mail_wiring as notification_mail_wiring
from fraudshield.notification import wiring as notification_wiring
from fraudshield.notification.content import MailTemplates
from fraudshield.notification.dispatcher import Dispatcher
from fraudshield.notification.ses import SesSender
from functions.monitoring import alarm as monitoring_alarm
from functions.notification import notice
from infra.laptop.cloudwatch.alarm import ALARM, INSUFFICIENT, OK, AlarmSpec, alarm_specs
from infra.laptop.cloudwatch.alarm_evaluator import AlarmEvaluator
from infra.laptop.intrinsic import Resolver
from infra.laptop.moto.metric_store import MetricStore
from infra.laptop.sources.topic_poller import topic_event
from tests.authors import ADA
from tests.caller import Context
from tests.contract.expanded import template
from tests.fake_outbox import LINKS, Clock, subscriber
from tests.notification_app import NotificationApp
from tests.stack import MAIL, Stack

SPECS = {spec.name.rsplit("-", 1)[-1]: spec for spec in alarm_specs(Resolver(template(), {}))}
OPS = "ops@example.org"
QUICK = ("Degraded", "NotWatched", "SlowAnswers")  # one of each kind: a sum, one that no data set off, a percentile
NAMES = [name if name in QUICK else pytest.param(name, marks=pytest.mark.long) for name in SPECS]


@dataclass
class FakeCloudWatch:
    """CloudWatch and SNS as the laptop has them, without their ports."""

    metrics: MetricStore = field(default_factory=MetricStore)
    states: dict[str, str] = field(default_factory=dict)

    def get_metric_data(self, MetricDataQueries: Any, StartTime: datetime, EndTime: datetime) -> dict[str, Any]:
        found = self.metrics.read(MetricDataQueries[0]["MetricStat"], StartTime, EndTime)
        return {"MetricDataResults": [{"Timestamps": [at for at, _ in found], "Values": [value for _, value in found]}]}

    def set_alarm_state(self, AlarmName: str, StateValue: str, StateReason: str) -> None:
        self.states[AlarmName] = StateValue

    def publish(self, TopicArn: str, Subject: str, Message: str) -> None:
        told = {"Type": "Notification", "MessageId": "m", "TopicArn": TopicArn, "Message": Message, "Subject": Subject}
        event = json.loads(topic_event(json.dumps(told)))
        for handler in (monitoring_alarm.lambda_handler, notice.lambda_handler):
            handler(event, Context())


@pytest.fixture(scope="module")
def service(lasting_stack: Stack) -> NotificationApp:
    ops = replace(subscriber("ops"), notification_type="system_alerts")
    notification_wiring.audited_subscribers().add(ops, ADA)
    notification_wiring.subscribers().confirm(ops.subscriber_id, datetime.now(UTC))
    return NotificationApp(lasting_stack)


def datum(spec: AlarmSpec, value: float, at: datetime) -> Mapping[str, Any]:
    metric = spec.metric
    return {"MetricName": metric["MetricName"], "Dimensions": metric["Dimensions"], "Value": value, "Timestamp": at}


def put(cloudwatch: FakeCloudWatch, spec: AlarmSpec, clock: Clock, value: float) -> None:
    """A value in each of the periods that count now."""
    for period in range(spec.periods):
        at = spec.since(clock.now) + timedelta(seconds=spec.period_s * period)
        cloudwatch.metrics.put(spec.metric["Namespace"], datum(spec, value, at))


def dispatch(clock: Clock) -> None:
    """The dispatcher's run, an hour later: the limit is not what is tried here."""
    clock.forward(timedelta(hours=1))
    sender = SesSender(MAIL["FROM_EMAIL"], "fraudshield-dev")
    Dispatcher(notification_mail_wiring.outboxes(), sender, MailTemplates(LINKS), 60, clock).run(lambda: True)


@pytest.mark.parametrize("name", NAMES)
def test_an_alarm_goes_off_on_its_condition_and_ends_and_both_are_mailed(service: NotificationApp, name: str) -> None:
    spec, cloudwatch = SPECS[name], FakeCloudWatch()
    clock, mail_clock = Clock(datetime.now(UTC)), Clock(datetime.now(UTC) + timedelta(days=len(service.mails())))
    evaluator = AlarmEvaluator([spec], cloudwatch, cloudwatch, clock)
    watches_data = spec.missing == "missing"
    put(cloudwatch, spec, clock, 1.1 * spec.threshold + 1)
    asyncio.run(evaluator.evaluate())
    if watches_data:
        clock.forward(timedelta(seconds=2 * spec.period_s * spec.periods))
        asyncio.run(evaluator.evaluate())
    assert cloudwatch.states[spec.name] == (INSUFFICIENT if watches_data else ALARM)
    dispatch(mail_clock)
    severity = spec.description.partition(":")[0]
    assert service.mails()[-1].subject == f"[FraudShield] {severity}: Alarm {name}"
    assert service.mails()[-1].to == OPS

    clock.forward(timedelta(seconds=spec.period_s * spec.periods))
    if watches_data:
        put(cloudwatch, spec, clock, 1.0)
    asyncio.run(evaluator.evaluate())
    assert cloudwatch.states[spec.name] == OK
    dispatch(mail_clock)
    assert service.mails()[-1].subject == f"[FraudShield] warning: Alarm {name} is over"
