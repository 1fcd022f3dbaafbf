"""Numbers through the real handlers: what an encoder writes is taken, and comes back as it was sent."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from functions.database.app import lambda_handler as database
from functions.ingest.app import lambda_handler as ingest
from functions.notification.app import lambda_handler as notification
from tests.caller import EXPLAIN, POLICY, SCORE, ApiResponse, Caller
from tests.conftest import README_TRANSACTION
from tests.stack import Stack

STORE = "/api/v1/database/transactions"
MONEY = ("amount", "oldbalanceOrg", "newbalanceOrig", "oldbalanceDest", "newbalanceDest")
bounded = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def text(name: str, **spelled: str) -> str:
    """A transaction as text, with members spelled as given."""
    members = {one: json.dumps(value) for one, value in README_TRANSACTION.items()}
    members |= {"transaction_id": json.dumps(name)} | spelled
    return "{" + ", ".join(f"{json.dumps(one)}: {value}" for one, value in members.items()) + "}"


def score(*transactions: str) -> ApiResponse:
    return Caller().send_text("POST", SCORE, f'{{"transactions": [{", ".join(transactions)}]}}')


def shown(name: str) -> dict[str, Any]:
    """The stored transaction with the numbers as they are written."""
    response = Caller(handler=database).send("GET", f"{STORE}/{name}")
    found: dict[str, Any] = json.loads(response.text, parse_float=str, parse_int=str)["transaction"]
    return found


@pytest.mark.parametrize("step", ["1.0", "1e0", "10E-1", "1"])
def test_a_whole_number_is_taken_however_it_is_spelled(lasting_stack: Stack, step: str) -> None:
    response = score(text("whole", step=step))
    assert (response.status, shown("whole")["step"]) == (200, "1")


@pytest.mark.parametrize(
    ("step", "found"), [("1.5", "1.5"), ("15e-1", "15e-1"), ("true", "true"), ('"1"', "'1'"), ("-1.0", "-1.0")]
)
def test_what_is_none_is_named_as_it_was_sent(lasting_stack: Stack, step: str, found: str) -> None:
    [entry] = score(text("none", step=step)).json["results"]
    assert entry["errors"][0]["detail"].endswith(f", found {found}")


RESIDUES = ["1.1641532182693481e-10", "1.4210854715202004e-14", "5e-324", "0.000000000116415321826934810000000000"]


@pytest.mark.parametrize("balance", RESIDUES)
def test_what_a_float_leaves_of_an_emptied_account_is_a_balance(lasting_stack: Stack, balance: str) -> None:
    name = f"residue-{balance}"
    response = score(text(name, newbalanceOrig=balance))
    assert (response.status, response.json["results"][0]["persisted"]) == (200, True)
    assert Decimal(shown(name)["newbalanceOrig"]) == (Decimal(balance) if Decimal(balance) > Decimal("1e-120") else 0)


AMOUNTS = ["999999999999999.99", "123456789012345.678901234", "0.1", "1e-120", "1000", "1e3"]


@pytest.mark.parametrize("amount", AMOUNTS)
def test_the_number_that_was_sent_comes_back_in_plain_notation(lasting_stack: Stack, amount: str) -> None:
    name = f"sent-{amount}"
    assert score(text(name, amount=amount)).status == 200
    listed = json.loads(
        Caller(handler=database).send("GET", f"{STORE}?limit=1000").text, parse_float=str, parse_int=str
    )
    exported = Caller(handler=ingest).send("GET", "/api/v1/ingest/export").text
    [row] = [one for one in listed["transactions"] if one["transaction_id"] == name]
    for found in (shown(name)["amount"], row["amount"]):
        assert Decimal(found) == Decimal(amount)
        assert "e" not in found.lower()
    assert f"{Decimal(amount):f}" in exported


@bounded
@given(numbers=st.tuples(*[st.floats(0, 1e15, exclude_max=True)] * 5))
@example(numbers=(1e-120, 5e-324, 1e14, 999999999999999.9, 0.0))
@example(numbers=(999999999999999.9, 1e-120, 1e-120, 1e-120, 0.1))
def test_to_send_what_was_shown_is_to_repeat_it(lasting_stack: Stack, numbers: tuple[float, ...]) -> None:
    name = f"again-{hash(numbers)}"
    first = score(text(name, **dict(zip(MONEY, map(json.dumps, numbers), strict=True))))
    assert first.status == 200
    again = shown(name)
    back = text(name, **{one: again[one] for one in MONEY}, occurred_at="null")
    assert score(back).entries == first.entries
    assert [float(again[one]) for one in MONEY] == [one if one >= 1e-120 else 0 for one in numbers]


@pytest.mark.parametrize(
    ("prediction", "found"),
    [("true", "true"), ("-1", "-1"), ("2.0", "2.0"), ("0.5", "0.5"), ("2e0", "2e0"), ('"1"', "'1'")],
)
def test_a_prediction_that_is_none_is_named_as_it_was_sent(lasting_stack: Stack, prediction: str, found: str) -> None:
    body = '{"transaction_id": "x", "risk_score": 0.5, "confidence": 0.5, "model_version": "m", "service_used": "s"'
    response = Caller(handler=database).send_text(
        "POST", "/api/v1/database/predictions", f'{body}, "prediction": {prediction}}}'
    )
    [fault] = response.json["errors"]
    assert fault["detail"] == f"Input should be 0 or 1, found {found}"


@pytest.mark.parametrize("risk", ["0.12345678901234567", "1e-10", "1.0", "0.1234567890123456789012345678"])
def test_a_risk_that_was_found_elsewhere_comes_back_as_it_was_sent(lasting_stack: Stack, risk: str) -> None:
    name = f"risk-{risk}"
    score(text(name))
    body = f'{{"transaction_id": "{name}", "risk_score": {risk}, "confidence": {risk}, "model_version": "m"'
    caller = Caller(handler=database)
    sent = caller.send_text("POST", "/api/v1/database/predictions", f'{body}, "service_used": "s", "prediction": 1.0}}')
    listed = caller.send("GET", f"/api/v1/database/predictions?transaction_id={name}").text
    found = json.loads(listed, parse_float=str)["predictions"][0]
    assert (sent.status, Decimal(found["risk_score"]), Decimal(found["confidence"])) == (
        200,
        Decimal(risk),
        Decimal(risk),
    )


@pytest.mark.parametrize(
    ("low", "high"),
    [
        ("0.12345678901234567890123", "0.9999999999999999999999999999"),
        ("0.30000000000000004", "1E+0"),
        ("1e-10", "9e-1"),
        ("1e-120", "0.1234567890123456789012345678"),
    ],
)
def test_thresholds_come_back_as_they_were_sent(stack: Stack, low: str, high: str) -> None:
    change = f'{{"based_on": 1e0, "thresholds": {{"review": {low}, "block": {high}}}}}'
    sent = Caller().send_text("PUT", POLICY, change)
    for response in (sent, Caller().send("GET", POLICY)):
        found = json.loads(response.text, parse_float=str)["thresholds"]
        assert (response.status, Decimal(found["review"]), Decimal(found["block"])) == (
            200,
            Decimal(low),
            Decimal(high),
        )
        assert "e" not in found["review"].lower()


@pytest.mark.parametrize(
    ("low", "high"), [("0.1234567890123456789", "0.99999999999999999999"), ("1e-1", "0.30000000000000004")]
)
def test_alert_thresholds_come_back_as_they_were_sent(stack: Stack, low: str, high: str) -> None:
    caller, path = Caller(handler=notification), "/api/v1/notifications/thresholds"
    change = f'{{"based_on": 1.0, "alert_risk": {low}, "critical_risk": {high}, "mails_per_hour": 6e1}}'
    assert caller.send_text("PUT", path, change).status == 200
    found = json.loads(caller.send("GET", path).text, parse_float=str)
    assert (Decimal(found["alert_risk"]), Decimal(found["critical_risk"])) == (Decimal(low), Decimal(high))
    assert found["mails_per_hour"] == 60


def test_a_threshold_that_only_a_float_would_take_for_the_bound_is_refused(lasting_stack: Stack) -> None:
    change = '{"based_on": 1, "thresholds": {"review": 0.5, "block": 1.000000000000000000000000001}}'
    assert Caller().send_text("PUT", POLICY, change).json["errors"][0]["code"] == "less_than_equal"
    body = '{"based_on": 1, "alert_risk": 0.09999999999999999999}'
    response = Caller(handler=notification).send_text("PUT", "/api/v1/notifications/thresholds", body)
    assert response.json["errors"][0]["code"] == "greater_than_equal"


def test_a_reason_has_the_amounts_that_were_sent(lasting_stack: Stack) -> None:
    """At once, from the store, and explained again."""
    spelled = {
        "type": '"TRANSFER"',
        "amount": "999999999999999.99",
        "oldbalanceOrg": "999999999999999.87",
        "newbalanceOrig": "0",
        "oldbalanceDest": "0.1234567890123456789012345678",
    }
    values = {
        "amount": Decimal("999999999999999.99"),
        "origin_balance": Decimal("999999999999999.87"),
        "destination_balance": Decimal("0.1234567890123456789012345678"),
        "origin_balance_left": Decimal("-0.12"),
    }
    first = score(text("why", **spelled))
    assert score(text("why", **spelled)).entries == first.entries
    explained = Caller().send_text("POST", EXPLAIN, '{"transaction_id": "why"}')
    entry = json.loads(first.text, parse_float=Decimal)["results"][0]
    told = json.loads(explained.text, parse_float=Decimal)
    found = {one["feature"]: one["value"] for one in told["contributions"]}
    assert {name: found[name] for name in values} == values
    reasons = [one for one in (*entry["reasons"], *told["reasons"]) if one["feature"] in values]
    assert reasons
    assert all(one["value"] == values[one["feature"]] for one in reasons)


@pytest.mark.parametrize("number", ["1e999999999", "-1e-999999999", '{"a": [1e999999999]}'])
def test_a_detail_of_a_huge_exponent_is_told_as_it_was_sent(lasting_stack: Stack, number: str) -> None:
    body = f'{{"alert_type": "a", "message": "m", "details": {{"n": {number}}}}}'
    caller = Caller(handler=notification)
    assert caller.send_text("POST", "/api/v1/notifications/system-alert", body).status == 200


def test_a_detail_that_is_too_long_is_told_in_characters(lasting_stack: Stack) -> None:
    body = f'{{"alert_type": "a", "message": "m", "details": {{"n": {"1" * 1001}}}}}'
    response = Caller(handler=notification).send_text("POST", "/api/v1/notifications/system-alert", body)
    assert "at most 1000 characters" in response.json["errors"][0]["detail"]


def test_the_engine_keeps_the_largest_beside_the_smallest(engine_stack: Stack) -> None:
    numbers = ("999999999999999.99", "1e-120", "1.5e-120", "0.1234567890123456789012345678", "-1e-119")
    spelled = dict(zip(MONEY, numbers, strict=True))
    response = score(text("far", **spelled))
    assert response.json["results"][0]["persisted"] is True
    found = shown("far")
    assert {name: Decimal(found[name]) for name in MONEY} == {name: Decimal(one) for name, one in spelled.items()}
    assert score(text("far", **spelled)).entries == response.entries
