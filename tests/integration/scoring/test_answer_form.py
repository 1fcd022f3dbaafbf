"""An entry is written in the form it was first answered in, whoever stored it and whenever it is asked for."""

import json
from typing import Any

import pytest

from fraudshield.aws import client
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.erasure import wiring as erasure_wiring
from fraudshield.scoring.dynamo_backfill import Backfill, Filed
from functions.database import app as database
from tests.caller import POLICY, Caller
from tests.conftest import README_TRANSACTION
from tests.stack import Stack

NAME = README_TRANSACTION["transaction_id"]
PREDICTIONS = f"/api/v1/database/predictions?transaction_id={NAME}"
RAISED: dict[str, Any] = {
    "based_on": 1,
    "thresholds": {"review": 0.0279, "block": 0.3923},
    "conditions": [{"code": "odd", "outcome": "block", "when": [{"field": "amount", "at_least": 1000}]}],
}
OF_THE_SECOND_FORM = ("form", "rule_threshold")


@pytest.fixture
def raised(stack: Stack, caller: Caller) -> str:
    """The entry of a payment that a condition blocked at a risk of 0."""
    caller.send("PUT", POLICY, RAISED)
    [entry] = caller.score(README_TRANSACTION).entries
    return entry


def confidence_in_the_list() -> Any:
    [found] = Caller(handler=database.lambda_handler).send("GET", PREDICTIONS).json["predictions"]
    return found["confidence"]


def as_version_0_1(stack: Stack) -> dict[str, Any]:
    """The stored item as it was before decisions named their form: its prediction was the threshold's alone."""
    [item] = stack.items()
    return {one: value for one, value in item.items() if one not in OF_THE_SECOND_FORM} | {"prediction": {"N": "0"}}


def stored(stack: Stack, item: dict[str, Any]) -> None:
    client.dynamodb().put_item(TableName=stack.transactions, Item=item)


def removed(stack: Stack, item: dict[str, Any]) -> None:
    key = {name: item[name] for name in ("transaction_id", "record")}
    client.dynamodb().delete_item(TableName=stack.transactions, Key=key)


def test_what_a_condition_blocked_is_predicted_as_fraud_by_every_route(raised: str) -> None:
    entry = json.loads(raised)
    assert (entry["risk"], entry["decision"], entry["prediction"], entry["confidence"]) == (0.0, "block", 1, 0.3923)
    assert confidence_in_the_list() == 0.3923


def test_it_replays_as_it_was_answered_whatever_the_policy_becomes(raised: str, caller: Caller) -> None:
    caller.send("PUT", POLICY, RAISED | {"based_on": 2, "thresholds": {"review": 0.5, "block": 0.9}})
    assert caller.score(README_TRANSACTION).entries == [raised]
    assert confidence_in_the_list() == 0.3923


def test_its_place_in_the_queue_is_that_of_its_outcomes_threshold(raised: str, stack: Stack) -> None:
    [item] = stack.items()
    assert item["expected_loss"] == {"N": "392.30"}


def test_a_decision_that_names_no_form_replays_in_the_first(raised: str, stack: Stack, caller: Caller) -> None:
    stored(stack, as_version_0_1(stack))
    [entry] = caller.score(README_TRANSACTION).json["results"]
    assert (entry["decision"], entry["prediction"], entry["confidence"]) == ("block", 0, 1.0)
    assert confidence_in_the_list() == 1.0


@pytest.mark.parametrize("first_form", [True, False])
def test_a_parked_decision_is_stored_in_the_form_that_it_was_answered_in(
    raised: str, stack: Stack, caller: Caller, first_form: bool
) -> None:
    [item] = stack.items()
    parked = as_version_0_1(stack) if first_form else item
    removed(stack, item)
    backfill = Backfill(stack.transactions, erasure_wiring.erasures(), dynamo_wiring.store_calls())
    assert backfill.file(json.dumps({"items": [parked]})) == [Filed.BACKFILLED]
    assert stack.items() == [parked]
    [entry] = caller.score(README_TRANSACTION).entries
    assert json.loads(entry)["confidence"] == (1.0 if first_form else 0.3923)
    assert first_form or entry == raised


def test_what_was_stored_without_a_decision_is_filled_in_the_newest_form(stack: Stack, caller: Caller) -> None:
    caller.send("PUT", POLICY, RAISED)
    sent = Caller(handler=database.lambda_handler).send("POST", "/api/v1/database/transactions", README_TRANSACTION)
    assert sent.status == 200
    first = caller.score(README_TRANSACTION)
    assert json.loads(first.entries[0])["confidence"] == 0.3923
    assert caller.score(README_TRANSACTION).entries == first.entries


def test_a_decision_that_came_second_is_listed_with_the_confidence_it_was_answered_with(
    raised: str, stack: Stack
) -> None:
    [item] = stack.items()
    second = item | {"decided_at": {"S": "2099-01-01T00:00:00.000000Z"}}
    backfill = Backfill(stack.transactions, erasure_wiring.erasures(), dynamo_wiring.store_calls())
    assert backfill.file(json.dumps({"items": [second]})) == [Filed.ANSWERED]
    listed = Caller(handler=database.lambda_handler).send("GET", PREDICTIONS).json["predictions"]
    assert [(one["kind"], one["confidence"]) for one in listed] == [("answered", 0.3923), ("first", 0.3923)]
