"""Metrics on the laptop: EMF lines are counted, kept by the minute, and read back as CloudWatch would."""

import asyncio
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from moto.cloudwatch.exceptions import ValidationError

from infra.laptop.cloudwatch.metric_publisher import MetricPublisher, emf
from infra.laptop.moto.metric_store import MetricStore, statistic

AT = datetime(2026, 11, 24, 10, 7, 30, tzinfo=UTC)
LINE = json.dumps(
    {
        "_aws": {
            "Timestamp": 1795514400000,
            "CloudWatchMetrics": [
                {
                    "Namespace": "FraudShield/dev",
                    "Dimensions": [["service"], ["scope"]],
                    "Metrics": [{"Name": "Requests", "Unit": "Count"}, {"Name": "LatencyMs", "Unit": "Milliseconds"}],
                }
            ],
        },
        "service": "model",
        "scope": "all",
        "Requests": [1.0],
        "LatencyMs": [3.5, 4.5],
    }
)


def test_a_line_counts_under_each_of_its_dimension_sets() -> None:
    model, everything = (("service", "model"),), (("scope", "all"),)
    assert sorted(emf(LINE)) == [
        (("FraudShield/dev", "LatencyMs", everything), 3.5),
        (("FraudShield/dev", "LatencyMs", everything), 4.5),
        (("FraudShield/dev", "LatencyMs", model), 3.5),
        (("FraudShield/dev", "LatencyMs", model), 4.5),
        (("FraudShield/dev", "Requests", everything), 1.0),
        (("FraudShield/dev", "Requests", model), 1.0),
    ]


@pytest.mark.parametrize("line", ['"_aws"', '{"_aws": 1}', '{"_aws": {"CloudWatchMetrics": [{}]}}', "no JSON"])
def test_a_line_that_only_looks_like_it_counts_nothing(line: str) -> None:
    assert list(emf(line)) == []


class FakeCloudWatch:
    """A store behind PutMetricData."""

    def __init__(self) -> None:
        self.store = MetricStore()

    def put_metric_data(self, Namespace: str, MetricData: list[dict[str, Any]]) -> None:
        for datum in MetricData:
            self.store.put(Namespace, datum)


def test_what_is_fed_can_be_read_back() -> None:
    cloudwatch = FakeCloudWatch()
    feed = MetricPublisher(cloudwatch)
    for _ in range(300):
        feed.line("ModelFunction", LINE)
    feed.count("AWS/ApiGateway", "Latency", 7.0, {"ApiName": "api"})
    asyncio.run(feed.flush())
    now = datetime.now(UTC)
    query = stat("Requests", "Sum", 3600, [{"Name": "service", "Value": "model"}])
    assert sum(value for _, value in cloudwatch.store.read(query, now - timedelta(hours=1), now)) == 300
    asyncio.run(feed.flush())
    assert sum(value for _, value in cloudwatch.store.read(query, now - timedelta(hours=1), now)) == 300


def stat(name: str, statistic: str, period_s: int, dimensions: list[dict[str, str]] | None = None) -> dict[str, Any]:
    metric = {"Namespace": "FraudShield/dev", "MetricName": name, "Dimensions": dimensions or []}
    return {"Metric": metric, "Period": period_s, "Stat": statistic}


def test_values_stand_in_the_period_that_they_fell_in() -> None:
    store = MetricStore()
    for minutes, value in ((0, 1.0), (1, 2.0), (5, 4.0)):
        store.put("FraudShield/dev", {"MetricName": "x", "Value": value, "Timestamp": AT + timedelta(minutes=minutes)})
    read = store.read(stat("x", "Sum", 300), AT - timedelta(hours=1), AT + timedelta(hours=1))
    assert read == [(AT.replace(minute=5, second=0), 3.0), (AT.replace(minute=10, second=0), 4.0)]


def test_old_minutes_are_forgotten() -> None:
    store = MetricStore()
    store.put("FraudShield/dev", {"MetricName": "x", "Value": 1.0, "Timestamp": AT - timedelta(days=9)})
    store.put("FraudShield/dev", {"MetricName": "x", "Value": 1.0, "Timestamp": AT})
    assert len(store.read(stat("x", "Sum", 60), AT - timedelta(days=30), AT + timedelta(hours=1))) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Sum", 5050.0),
        ("Average", 50.5),
        ("Minimum", 1.0),
        ("Maximum", 100.0),
        ("SampleCount", 100.0),
        ("p50", 50.0),
        ("p99", 99.0),
        ("p99.9", 100.0),
    ],
)
def test_a_statistic_of_one_to_a_hundred(name: str, value: float) -> None:
    assert statistic(name, Counter({float(number): 1 for number in range(1, 101)})) == value


def test_an_unknown_statistic_is_refused() -> None:
    with pytest.raises(ValidationError):
        statistic("tm90", Counter([1.0]))
