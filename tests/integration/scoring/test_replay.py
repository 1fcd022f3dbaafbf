"""Stored decisions computed again over HTTP: byte for byte, with what was planted found and what cannot be said so."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from fraudshield.aws import client
from fraudshield.aws.wiring import FileSettings
from fraudshield.erasure import wiring as erasure_wiring
from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.predictor.predictor import RULES_VERSION
from fraudshield.settings import settings
from functions.policy import app as policy
from tests.caller import POLICY, REPLAY, ApiResponse, Caller
from tests.conftest import README_TRANSACTION
from tests.event_types import WITH_DEVICE
from tests.stack import ROOT, Stack
from tests.stack import client as boto

DRAIN = README_TRANSACTION | {"type": "TRANSFER", "amount": 5000.0, "newbalanceOrig": 0.0, "nameDest": "C1"}
POLICY_2: dict[str, Any] = {
    "based_on": 1,
    "thresholds": {"review": 0.02, "block": 0.4},
    "conditions": [
        {"code": "busy", "outcome": "review", "when": [{"field": "origin_count_24h", "at_least": 1}]},
        {"code": "to_her", "outcome": "block", "when": [{"field": "nameDest", "any_of": ["C-her"]}]},
    ],
}
ANALYST = Caller("AnalystKey")


@pytest.fixture(autouse=True)
def _types(stack: Stack) -> Iterator[None]:
    event_type_wiring.event_types.cache_clear()
    yield
    event_type_wiring.event_types.cache_clear()


def replay(transaction_id: str) -> ApiResponse:
    return ANALYST.send("POST", REPLAY, {"transaction_id": transaction_id})


def same(*entries: str) -> bool:
    """Whether each is answered as the entry of before and computed as it, in these bytes."""
    return all(
        f'{{"same":true,"stored":{one},"computed":{one},' in replay(json.loads(one)["transaction_id"]).text
        for one in entries
    )


def plant(stack: Stack, **changes: Any) -> None:
    """Other attributes in the one item that is stored."""
    [item] = stack.items()
    client.dynamodb().put_item(TableName=stack.transactions, Item=item | changes)


def test_decisions_come_out_in_the_bytes_that_they_were_answered_in(stack: Stack, caller: Caller) -> None:
    by_the_first = caller.score(
        README_TRANSACTION, *[DRAIN | {"transaction_id": f"drain-{number}"} for number in range(22)]
    ).entries
    assert caller.send("PUT", POLICY, POLICY_2).status == 200
    by_the_second = caller.score(
        README_TRANSACTION | {"transaction_id": "busy"},
        README_TRANSACTION | {"transaction_id": "her", "nameDest": "C-her", "nameOrig": "C-new"},
        DRAIN | {"transaction_id": "digits", "amount": 12345678.12345678901, "occurred_at": "2026-01-01T00:00:00Z"},
    ).entries
    decided = [json.loads(one) for one in by_the_second]
    assert [one["decision"] for one in decided[:2]] == ["review", "block"]
    assert "stale" in decided[2]["quality"]
    before = stack.items()
    assert same(*by_the_first, *by_the_second)
    assert sum("reasons_pending" in one for one in by_the_first) == 2
    assert stack.items() == before


def test_a_payment_of_an_own_type_comes_out_with_its_type(stack: Stack) -> None:
    put = Caller(handler=policy.lambda_handler).send("POST", "/api/v1/policy/event-types", WITH_DEVICE)
    assert put.status == 201
    event_type_wiring.event_types.cache_clear()
    sent = README_TRANSACTION | {"device_id": "d-1", "currency": "EUR"}
    assert same(*Caller().score(sent, event_type="web_payment").entries)


def test_a_stored_risk_one_step_off_is_found(stack: Stack, caller: Caller) -> None:
    caller.score(DRAIN)
    risk = float(stack.items()[0]["risk"]["N"])
    plant(stack, risk={"N": repr(round(risk - 0.0001, 4))})
    found = replay("test_123").json
    assert (found["same"], found["computed"]["risk"]) == (False, risk)
    assert found["stored"]["risk"] == round(risk - 0.0001, 4)


def test_the_outcome_of_another_policy_is_found(stack: Stack, caller: Caller) -> None:
    caller.score(README_TRANSACTION)
    caller.send("PUT", POLICY, POLICY_2 | {"conditions": [POLICY_2["conditions"][1] | {"when": [
        {"field": "amount", "at_least": 1000}]}]})  # fmt: skip
    assert replay("test_123").json["same"]
    plant(stack, policy_version={"N": "2"})
    found = replay("test_123").json
    assert (found["same"], found["stored"]["decision"], found["computed"]["decision"]) == (False, "approve", "block")


def test_what_rules_decided_is_computed_beside_the_model(
    stack: Stack, caller: Caller, told: Callable[..., None]
) -> None:
    told(MODEL_DIR="nothing-there")
    [entry] = caller.score(DRAIN).entries
    assert json.loads(entry)["model_version"] == RULES_VERSION
    assert same(entry)
    told(MODEL_DIR=str(ROOT / "model/artifact/model"))
    assert same(entry)


def test_what_a_model_decided_cannot_be_computed_without_it(
    stack: Stack, caller: Caller, told: Callable[..., None]
) -> None:
    [entry] = caller.score(DRAIN).entries
    here: Any = {"LocationConstraint": boto("s3").meta.region_name}
    bucket = settings(FileSettings).jobs_bucket  # without models
    boto("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=here)
    told(MODEL_DIR="nothing-there")
    response = replay("test_123")
    assert (response.status, response.json["code"]) == (409, "not_replayable")
    assert [(one["pointer"], one["code"]) for one in response.json["errors"]] == [("/transaction_id", "another_model")]
    assert "same" not in response.json
    assert json.loads(entry)["model_version"] in response.json["detail"]


def test_a_condition_on_an_erased_recipient_cannot_be_computed(stack: Stack, caller: Caller) -> None:
    caller.send("PUT", POLICY, POLICY_2)
    caller.score(README_TRANSACTION | {"nameDest": "C-her"})
    plant(stack, nameDest={"S": erasure_wiring.erasures().pseudonym("C-her")})
    response = replay("test_123")
    assert (response.status, response.json["errors"][0]["code"]) == (409, "account_erased")


@pytest.mark.parametrize(
    ("body", "status"),
    [({"transaction_id": "nobody"}, 404), ({}, 422), ({"transaction_id": 1}, 422), ([], 400), ({"id": "a"}, 422)],
)
def test_what_names_no_decision_is_refused(stack: Stack, body: Any, status: int) -> None:
    assert ANALYST.send("POST", REPLAY, body).status == status


def test_what_was_stored_without_a_decision_has_none_to_compute(stack: Stack, caller: Caller) -> None:
    caller.score(README_TRANSACTION)
    [item] = stack.items()
    client.dynamodb().put_item(
        TableName=stack.transactions, Item={name: value for name, value in item.items() if name != "outcome"}
    )
    assert replay("test_123").status == 404
