"""A share of reviews that left its budget, from the stream to the metric of an alarm."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fraudshield.analytics import counter_wiring
from functions.monitoring import schedule
from functions.policy import app as policy
from tests.aggregates.run import put_type
from tests.caller import Caller, Context
from tests.conftest import forget
from tests.integration.analytics.test_field_drift import CARD, deliver, payment
from tests.stack import Stack
from tests.stack import client as boto
from tests.stream_history import Record, change

BUDGET, VERSIONS = 0.05, "/api/v1/policy/versions"


@pytest.fixture
def stack(engine_stack: Stack) -> Iterator[Stack]:
    """A policy of card payments that states a budget, put in force now."""
    forget()
    put_type(CARD)
    admin = Caller(handler=policy.lambda_handler)
    draft = {"event_type": "card_payment", "based_on": 1, "thresholds": {"review": 0.1, "block": 0.5}}
    assert admin.send("POST", VERSIONS, draft | {"review_budget": BUDGET}).status == 201
    activated = admin.send("POST", f"{VERSIONS}/2/activate?event_type=card_payment", {"force": True, "note": "a"})
    assert activated.status == 200, activated.text
    yield engine_stack
    forget()


def put_in_force_ten_days_ago(stack: Stack) -> None:
    """As if it had been put in force then: its digest is not over that."""
    then = (datetime.now(UTC) - timedelta(days=10)).isoformat()
    changed = 0
    for item in boto("dynamodb").scan(TableName=stack.policies)["Items"]:
        for name, value in item.items():
            if '"activated_at"' in value.get("S", ""):
                document = json.loads(value["S"]) | {"activated_at": then}
                boto("dynamodb").put_item(TableName=stack.policies, Item=item | {name: {"S": json.dumps(document)}})
                changed += 1
    assert changed == 1
    forget()


def decided(stack: Stack, payments: int, reviewed: int) -> list[Record]:
    """Stored payments of the last six days, so many of them reviewed."""
    item, midnight = payment(stack), datetime.now(UTC).replace(hour=0, minute=0, second=0)
    records = []
    for at in range(payments):
        told: Any = {"transaction_id": {"S": f"p-{at}"}, "outcome": {"S": "review" if at < reviewed else "approve"}}
        occurred_at = (midnight - timedelta(days=1 + at % 6)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        records.append(change(None, item | told | {"occurred_at": {"S": occurred_at}}))
    return records


def metric(capsys: pytest.CaptureFixture[str]) -> list[float]:
    counter_wiring.stream_counter.cache_clear()
    capsys.readouterr()
    schedule.lambda_handler({"check": "drift"}, Context())
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"TrafficDrift"' in line]
    return [value for one in told for value in one["TrafficDrift"]]


def test_from_a_thousand_payments_on_twice_the_budget_is_an_alarm(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    records = decided(stack, 1000, 110)
    deliver(records[:-1])
    assert metric(capsys) == []  # the version has not decided for a whole day
    put_in_force_ten_days_ago(stack)
    assert metric(capsys) == []  # of 999 payments nothing is said
    deliver(records)
    assert metric(capsys) == [0.47]  # the nearer end of 110 +- 30, where 50 are in the budget


def test_a_share_within_its_budget_is_none(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    put_in_force_ten_days_ago(stack)
    deliver(decided(stack, 1000, 60))
    assert metric(capsys) == [0.0]
