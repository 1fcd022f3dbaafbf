"""Numbers through the real handlers: what an encoder writes is taken, and comes back as it was sent."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from functions.database.app import lambda_handler as database
from functions.ingest.app import lambda_handler as ingest
from tests.caller import SCORE, ApiResponse, Caller
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


@pytest.mark.parametrize(("step", "found"), [("1.5", "1.5"), ("true", "true"), ('"1"', "'1'"), ("-1.0", "-1.0")])
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
    ("prediction", "found"), [("true", "true"), ("-1", "-1"), ("2.0", "2.0"), ("0.5", "0.5"), ('"1"', "'1'")]
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


def test_the_engine_keeps_the_largest_beside_the_smallest(engine_stack: Stack) -> None:
    numbers = ("999999999999999.99", "1e-120", "1.5e-120", "0.1234567890123456789012345678", "-1e-119")
    spelled = dict(zip(MONEY, numbers, strict=True))
    response = score(text("far", **spelled))
    assert response.json["results"][0]["persisted"] is True
    found = shown("far")
    assert {name: Decimal(found[name]) for name in MONEY} == {name: Decimal(one) for name, one in spelled.items()}
    assert score(text("far", **spelled)).entries == response.entries
