"""Thresholds proposed over the API from stored risks: a draft that decides nothing, and what it goes by."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fraudshield.aws import client
from fraudshield.label import wiring as label_wiring
from fraudshield.label.label import Label
from functions.policy import app as policy
from infra.cli.models.client import ModelsClient
from tests.api.server import served
from tests.authors import ADA
from tests.caller import POLICY, Caller
from tests.conftest import README_TRANSACTION
from tests.stack import Stack

PROPOSE = "/api/v1/model/thresholds/propose"
ADMIN = Caller(handler=policy.lambda_handler)
MANY = 1000
NOW = datetime.now(UTC)


def payments(stack: Stack) -> None:
    """One payment that was scored, as so many with other risks: `at / 10,000`."""
    assert Caller().score(README_TRANSACTION).status == 200
    [item] = stack.items()
    writes: list[Any] = []
    for at in range(MANY):
        name = f"t-{at}"
        other = {"transaction_id": {"S": name}, "risk": {"N": str(at / 10_000)}, "amount": {"N": "100"}}
        day, _, _ = item["day_shard"]["S"].partition("#")
        writes.append({"PutRequest": {"Item": item | other | {"day_shard": {"S": f"{day}#{at % 10}"}}}})
    for start in range(0, MANY, 25):
        client.dynamodb().batch_write_item(RequestItems={stack.transactions: writes[start : start + 25]})


@pytest.fixture(scope="module")
def traffic(lasting_engine: Stack) -> Stack:
    payments(lasting_engine)
    return lasting_engine


def asked(**more: Any) -> Any:
    since = NOW - timedelta(days=2)
    return ADMIN.send("POST", PROPOSE, {"from": since.isoformat(), **more})


def test_a_draft_reviews_what_people_can_look_at_and_decides_nothing(traffic: Stack) -> None:
    made = asked(budget="2%")
    assert made.status == 201, made.text
    found = made.json["proposal"]
    assert made.json["state"] in ("draft", "shadow")
    assert made.json["thresholds"] == {"review": 0.098, "block": 0.3923}  # from the 20th risk down: 2 % of 1,001
    assert (found["payments"], found["sampled"], found["left_out"]) == (MANY + 1, 1.0, 0)
    assert 0.018 < found["review_share"] <= 0.02
    assert (found["block_from"], found["block_share"], found["frauds"]) == ("in_force", 0.0, 0)
    assert Caller().send("GET", POLICY).json["version"] == 1
    log = ADMIN.send("GET", "/api/v1/policy/audit?kind=policy").json["entries"]
    assert [(one["action"], one["version"]) for one in log] == [("created", made.json["version"])]


def test_the_budget_is_the_policys_where_none_is_said(traffic: Stack) -> None:
    draft = {"based_on": 1, "thresholds": {"review": 0.03, "block": 0.4}, "review_budget": 0.05}
    made = ADMIN.send("POST", "/api/v1/policy/versions", draft).json
    assert made["review_budget"] == 0.05
    path = f"/api/v1/policy/versions/{made['version']}/activate"
    assert ADMIN.send("POST", path, {"note": "so many", "force": True}).status == 200
    again = asked().json
    assert (again["proposal"]["budget"], again["review_budget"], again["thresholds"]["block"]) == (0.05, 0.05, 0.4)
    assert again["thresholds"]["review"] == 0.095
    a_day = asked(budget="6/day").json["proposal"]  # of 1,001 in two days
    assert a_day["budget"] == pytest.approx(0.012, abs=0.0003)


def test_the_command_client_speaks_to_it(traffic: Stack) -> None:
    with served() as url:
        since = (NOW - timedelta(days=2)).isoformat()
        made = ModelsClient(url, "key").propose("payment", {"from": since, "to": (NOW + timedelta(days=1)).isoformat(),
                                                            "budget": "2%"})  # fmt: skip
    assert made["proposal"]["payments"] == MANY + 1


def test_labels_are_counted_and_a_risk_that_knows_nothing_is_refused(traffic: Stack) -> None:
    for at in range(0, MANY, 12):
        label: Any = "fraud" if at % 24 else "genuine"
        label_wiring.labels().add(f"t-{at}", Label(label, "chargeback", NOW), ADA)
    refused = asked(budget="5%")
    assert (refused.status, refused.json["code"]) == (422, "degenerate_thresholds")
    assert "of 42 known frauds" in refused.json["detail"]


def test_what_is_asked_wrongly_names_the_field(traffic: Stack) -> None:
    for wrong, pointer in (({"budget": "lots"}, "/budget"), ({"costs": "review=4"}, "/costs"), ({"x": 1}, "/x")):
        response = asked(**wrong)
        assert (response.status, response.json["errors"][0]["pointer"]) == (422, pointer)
    long_ago = {"from": "2020-01-01T00:00:00Z", "to": "2020-01-02T00:00:00Z"}
    nothing = ADMIN.send("POST", PROPOSE, long_ago)
    assert (nothing.status, nothing.json["code"]) == (422, "degenerate_thresholds")
    assert Caller("AnalystKey", handler=policy.lambda_handler).send("POST", PROPOSE, {}).status == 403
