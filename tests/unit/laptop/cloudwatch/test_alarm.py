"""An alarm's verdict, and what is said when it changes."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fraudshield.monitoring.alarm import alarm_change
from infra.laptop.cloudwatch.alarm import ALARM, INSUFFICIENT, OK, AlarmSpec, alarm_state, metrics_of
from infra.laptop.cloudwatch.alarm_evaluator import AlarmEvaluator
from infra.laptop.cloudwatch.alarm_journal import AlarmJournal
from infra.laptop.errors import SetupError

NOW = datetime(2026, 11, 24, 10, 7, 30, tzinfo=UTC)
STARTS = [datetime(2026, 11, 24, 9, 55, tzinfo=UTC) + timedelta(minutes=5 * number) for number in range(3)]


def spec(**changes: Any) -> AlarmSpec:
    wanted: dict[str, Any] = {
        "name": "fraudshield-dev-Cpu",
        "description": "warning: it is hot",
        "metric": {"Namespace": "FraudShield/dev", "MetricName": "CpuPercent", "Dimensions": []},
        "statistic": "Maximum",
        "period_s": 300,
        "periods": 3,
        "comparison": "GreaterThanOrEqualToThreshold",
        "threshold": 80.0,
        "missing": "notBreaching",
        "alarm_actions": ["the-topic"],
        "ok_actions": ["the-topic"],
    }
    return AlarmSpec(**wanted | changes)


@pytest.mark.parametrize(
    ("values", "missing", "state"),
    [
        ([80, 80, 80], "notBreaching", ALARM),
        ([80, 79.9, 80], "notBreaching", OK),
        ([80, None, 80], "notBreaching", OK),
        ([80, None, 80], "breaching", ALARM),
        ([None, None, None], "breaching", ALARM),
        ([None, None, None], "notBreaching", OK),
        ([None, None, None], "missing", INSUFFICIENT),
        ([None, None, None], "ignore", OK),
    ],
)
def test_all_periods_must_be_over_the_threshold(values: list[float | None], missing: str, state: str) -> None:
    known = {start: value for start, value in zip(STARTS, values, strict=True) if value is not None}
    assert alarm_state(spec(missing=missing), known, NOW, before=OK) == state


@pytest.mark.parametrize(
    ("values", "to_alarm", "state"),
    [([80, None, 80], 2, ALARM), ([80, 79.9, 80], 2, ALARM), ([None, None, 80], 2, OK), ([80, 80, 80], 3, ALARM)],
)
def test_some_of_the_periods_are_enough_where_it_says_so(values: list[float | None], to_alarm: int, state: str) -> None:
    known = {start: value for start, value in zip(STARTS, values, strict=True) if value is not None}
    assert alarm_state(spec(to_alarm=to_alarm), known, NOW, before=OK) == state


def test_a_period_before_the_first_look_is_not_over_the_threshold() -> None:
    last = {STARTS[2]: 80.0}
    assert alarm_state(spec(missing="breaching"), last, NOW, OK, begun=STARTS[2]) == OK
    assert alarm_state(spec(missing="breaching"), last, NOW, OK, begun=STARTS[0]) == ALARM


@pytest.mark.parametrize(
    ("comparison", "state"),
    [
        ("GreaterThanOrEqualToThreshold", ALARM),
        ("GreaterThanThreshold", OK),
        ("LessThanOrEqualToThreshold", ALARM),
        ("LessThanThreshold", OK),
    ],
)
def test_at_the_threshold_the_comparison_decides(comparison: str, state: str) -> None:
    values = dict.fromkeys(STARTS, 80.0)
    assert alarm_state(spec(comparison=comparison), values, NOW, before=OK) == state


class FakeCloudWatch:
    """One value for all periods; none where it is None."""

    def __init__(self) -> None:
        self.value: float | None = None
        self.states: list[str] = []

    def get_metric_data(self, **_: Any) -> dict[str, Any]:
        starts = [] if self.value is None else STARTS
        return {"MetricDataResults": [{"Timestamps": starts, "Values": [self.value] * len(starts)}]}

    def set_alarm_state(self, AlarmName: str, StateValue: str, StateReason: str) -> None:
        self.states.append(StateValue)


class FakeSns:
    """Remembers what was said where."""

    def __init__(self) -> None:
        self.said: list[tuple[str, Any]] = []

    def publish(self, TopicArn: str, Subject: str, Message: str) -> None:
        self.said.append((TopicArn, alarm_change(Message)))


def test_a_change_is_said_once_and_as_the_alarm_function_reads_it() -> None:
    cloudwatch, sns = FakeCloudWatch(), FakeSns()
    evaluator = AlarmEvaluator([spec()], cloudwatch, sns, clock=lambda: NOW)
    for value in (None, 90.0, 91.0, 10.0, 10.0):
        cloudwatch.value = value
        asyncio.run(evaluator.evaluate())
    assert cloudwatch.states == [OK, ALARM, OK]
    told = [(topic, change.what, change.severity, change.open) for topic, change in sns.said]
    assert told == [("the-topic", "Cpu", "warning", True), ("the-topic", "Cpu", "warning", False)]
    assert json.dumps("it is hot") not in sns.said[0][1].detail
    assert sns.said[0][1].at == NOW


QUEUE = {"Namespace": "AWS/SQS", "MetricName": "ApproximateAgeOfOldestMessage"}


def several(expression: str, *periods: int) -> dict[str, Any]:
    read = [
        {"Id": f"q{n}", "MetricStat": {"Stat": "Maximum", "Period": period, "Metric": QUEUE}, "ReturnData": False}
        for n, period in enumerate(periods)
    ]
    return {"AlarmName": "late", "Metrics": [{"Id": "worst", "Expression": expression}, *read]}


class FakeAges(FakeCloudWatch):
    """Each metric has data for one period of its own."""

    def get_metric_data(self, **asked: Any) -> dict[str, Any]:
        number = len(asked["MetricDataQueries"])
        return {"MetricDataResults": [{"Timestamps": [STARTS[-1]], "Values": [50.0 * n]} for n in range(number)]}


@pytest.mark.parametrize(("threshold", "state"), [(50.0, ALARM), (50.1, OK)])
def test_of_several_metrics_the_greatest_value_counts(threshold: float, state: str) -> None:
    cloudwatch = FakeAges()
    late = spec(periods=1, threshold=threshold, others=[QUEUE])
    asyncio.run(AlarmEvaluator([late], cloudwatch, FakeSns(), clock=lambda: NOW).evaluate())
    assert cloudwatch.states == [state]


def test_an_alarm_over_several_metrics_is_read() -> None:
    assert len(metrics_of(several("MAX([FILL(q0,0),FILL(q1,0)])", 300, 300))) == 2


@pytest.mark.parametrize(
    ("expression", "periods"),
    [
        ("SUM([FILL(q0,0),FILL(q1,0)])", (300, 300)),
        ("MAX([q0,q1])", (300, 300)),
        ("MAX([FILL(q0,0)])", (300, 300)),
        ("MAX([FILL(q0,0),FILL(q1,0)])", (300, 60)),
    ],
)
def test_an_alarm_that_works_out_anything_else_is_refused_by_name(expression: str, periods: tuple[int, ...]) -> None:
    with pytest.raises(SetupError, match="late"):
        metrics_of(several(expression, *periods))


def test_that_nobody_looked_says_nothing_until_the_laptop_has_run_for_so_long() -> None:
    cloudwatch, now = FakeCloudWatch(), [NOW]
    evaluator = AlarmEvaluator([spec(missing="breaching")], cloudwatch, FakeSns(), clock=lambda: now[0])
    for minutes in (0, 9, 10, 11):
        now[0] = NOW + timedelta(minutes=minutes)
        asyncio.run(evaluator.evaluate())
    assert cloudwatch.states == []
    now[0] = NOW + timedelta(minutes=15)
    asyncio.run(evaluator.evaluate())
    assert cloudwatch.states == [ALARM]


def test_an_alarm_that_was_on_at_a_stop_ends_at_the_next_start(tmp_path: Path) -> None:
    def evaluated(*values: float | None) -> list[bool]:
        cloudwatch, sns = FakeCloudWatch(), FakeSns()
        journal = AlarmJournal(tmp_path / "alarms.json")
        evaluator = AlarmEvaluator([spec()], cloudwatch, sns, clock=lambda: NOW, journal=journal)
        for value in values:
            cloudwatch.value = value
            asyncio.run(evaluator.evaluate())
        return [change.open for _, change in sns.said]

    assert evaluated(90.0) == [True]
    assert evaluated(90.0) == []
    assert evaluated(None) == [False]
    assert evaluated(None, 10.0) == []


def test_an_alarm_that_watches_for_data_tells_of_their_end_and_of_their_return() -> None:
    cloudwatch, sns, now = FakeCloudWatch(), FakeSns(), [NOW]
    watching = spec(missing="missing", comparison="LessThanThreshold", threshold=1.0, no_data_actions=["the-topic"])
    evaluator = AlarmEvaluator([watching], cloudwatch, sns, clock=lambda: now[0])
    for value, minutes in ((90.0, 0), (None, 9), (None, 20), (90.0, 0)):
        now[0], cloudwatch.value = NOW + timedelta(minutes=minutes), value
        asyncio.run(evaluator.evaluate())
    assert cloudwatch.states == [OK, INSUFFICIENT, OK]
    assert [change.open for _, change in sns.said] == [True, False]


def test_a_journal_that_cannot_be_written_ends_no_evaluation(tmp_path: Path) -> None:
    path = tmp_path / "alarms.json"
    journal = AlarmJournal(path)
    (path / "something").mkdir(parents=True)  # a folder where the file should be
    journal.note("Cpu", ALARM, told=True)
    assert journal.on == {"Cpu": ALARM}
