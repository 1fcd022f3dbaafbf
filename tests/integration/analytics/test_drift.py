"""Drift, from the stream to the alarm: stored, counted, looked at by the clock, judged as CloudWatch does."""

import csv
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from fraudshield.policy.policy import first_policy
from fraudshield.predictor.predictor import ModelPredictor
from fraudshield.predictor.without_model import OnePredictor
from fraudshield.scoring.dynamo_item import to_item
from fraudshield.scoring.scoring import Scorer
from fraudshield.transaction.built_in import BuiltInTransaction
from functions.monitoring import schedule
from infra.laptop.cloudwatch.alarm import ALARM, OK, AlarmSpec, alarm_specs, alarm_state, period_start
from infra.laptop.intrinsic import Resolver
from tests.caller import Context
from tests.contract.expanded import template
from tests.fakes import FakeAccounts, FakeParking, FakePolicies, FakeStore
from tests.faults.harness.load import load_once
from tests.stack import Stack
from tests.stream_history import Item, change, count, shards

ROOT = Path(__file__).parents[3]
TEXTS = ("transaction_id", "type", "nameOrig", "nameDest")
MONEY = ("amount", "oldbalanceOrg", "newbalanceOrig", "oldbalanceDest", "newbalanceDest")
Values = Mapping[str, float]


def day(times: int = 1, number: int = 1_200) -> list[Item]:
    """The sample's transactions, spread over the last day and decided by the model; amounts so many times as large."""
    now, model = datetime.now(UTC), load_once()
    with (ROOT / "events/transactions.csv").open() as file:
        rows = [*csv.DictReader(file)][:number]
    sent = [
        BuiltInTransaction.model_validate(
            {name: row[name] for name in TEXTS}
            | {name: Decimal(row[name]) for name in MONEY}
            | {"amount": Decimal(row["amount"]) * times, "step": int(row["step"])}
            | {"occurred_at": (now - timedelta(minutes=60 * 22 * at / len(rows))).isoformat()}
        )
        for at, row in enumerate(rows)
    ]
    policies = FakePolicies(first_policy(model.thresholds))
    scorer = Scorer(OnePredictor(ModelPredictor(model, now)), policies, FakeStore(), FakeParking(), FakeAccounts())
    return [to_item(one, "queue") for one in scorer.decide(sent)]


@pytest.fixture
def emitted(engine_stack: Stack, capsys: pytest.CaptureFixture[str]) -> Callable[..., Values]:
    """The metrics that the clock's event leads to when these are stored."""

    def emit(items: list[Item]) -> Values:
        for shard, records in shards([change(None, item) for item in items], "drift").items():
            count(shard, records)
        capsys.readouterr()
        event = json.loads((ROOT / "events/monitoring_schedule_drift.json").read_text())
        schedule.lambda_handler(event, Context())
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
        names = {one["Name"] for line in lines for one in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]}
        assert all(["scope"] in line["_aws"]["CloudWatchMetrics"][0]["Dimensions"] for line in lines)
        return {name: line[name][0] for line in lines for name in names}

    return emit


@pytest.fixture(scope="module")
def alarms() -> Mapping[str, AlarmSpec]:
    """Those on drift, as the template has them."""
    specs = alarm_specs(Resolver(template(), {}))
    return {spec.metric["MetricName"]: spec for spec in specs if "Drift" in spec.name}


def state(spec: AlarmSpec, emitted: Values) -> str:
    """What the alarm's own definition makes of a value of the hour under way."""
    assert spec.metric["Dimensions"] == [{"Name": "scope", "Value": "all"}]
    assert (spec.statistic, spec.periods) == ("Maximum", 1)
    now, name = datetime.now(UTC), spec.metric["MetricName"]
    return alarm_state(spec, {period_start(now, spec.period_s): emitted[name]} if name in emitted else {}, now, OK)


def test_a_day_like_training_is_no_alarm(emitted: Callable[..., Values], alarms: Mapping[str, AlarmSpec]) -> None:
    told = emitted(day())
    assert len(told) == 10  # score, the worst feature, each of eight
    assert {name: state(spec, told) for name, spec in alarms.items()} == {"ScoreDrift": OK, "TrafficDrift": OK}


def test_a_day_of_three_times_the_amounts_is_one(
    emitted: Callable[..., Values], alarms: Mapping[str, AlarmSpec]
) -> None:
    told = emitted(day(times=3))
    assert state(alarms["TrafficDrift"], told) == ALARM
    assert told["DriftAmount"] > 0.25
    assert told["TrafficDrift"] == max(value for name, value in told.items() if name.startswith("Drift"))
    assert told["DriftType"] < 0.1


@pytest.mark.parametrize("number", [900, 0])
def test_of_too_few_there_is_no_metric_and_no_alarm(
    emitted: Callable[..., Values], alarms: Mapping[str, AlarmSpec], number: int
) -> None:
    told = emitted(day(times=3, number=number))
    assert told == {}
    assert {state(spec, told) for spec in alarms.values()} == {OK}
