"""A policy that blocks far more than it was tested for: what it may block, what becomes of the rest, how it ends."""

from typing import Any

import pytest

from functions.policy import app as policy
from tests.caller import POLICY, Caller
from tests.policies.breakers import Payments, another_process, outcomes
from tests.stack import Stack

BREAKER, CLOSE = "/api/v1/policy/breaker", "/api/v1/policy/breaker/close"
VERSIONS = "/api/v1/policy/versions"
SLIP = {"review": 1e-100, "block": 1e-100}  # as 5e-324, which is refused by now
HELD_BACK = ("review", "breaker", ["block_limit"])
STOLEN: dict[str, Any] = {"code": "stolen", "outcome": "block", "when": 'nameDest == "C-stolen"'}
EXEMPT = {"limit": "none", "limit_reason": "stolen accounts"}


@pytest.fixture
def stack(engine_stack: Stack) -> Stack:
    return engine_stack


@pytest.fixture
def payments(stack: Stack, caller: Caller) -> Payments:
    return Payments(stack, caller)


@pytest.fixture
def admin(stack: Stack) -> Caller:
    return Caller(handler=policy.lambda_handler)


def put(caller: Caller, **said: Any) -> None:
    change = {"based_on": 1, "thresholds": {"review": 0.9, "block": 1}, "force": True} | said
    told = caller.send("PUT", POLICY, change)
    assert told.status == 200, told.text


def state(admin: Caller) -> Any:
    return admin.send("GET", BREAKER).json


def test_a_slip_of_the_pen_blocks_ten_of_forty_nine_payments_whichever_process_decides_them(
    payments: Payments, caller: Caller, admin: Caller
) -> None:
    put(caller, thresholds=SLIP)
    results = []
    for number in (1, 2, 4, 3, 39):
        results += payments.send(number)
        payments.count()
        another_process()
    assert outcomes(results) == [("block", "thresholds", [])] * 10 + [HELD_BACK] * 39
    assert [one["prediction"] for one in results] == [1] * 49
    found = state(admin)
    assert (found["open"], found["whole"], found["rules"], found["cause"]) == (True, True, [], "version")
    assert (found["version"], found["blocked"], found["payments"]) == (2, 10, 10)
    assert found["limits"] == {"share": 0.1, "rule_share": 0.1, "rules": {}}
    assert admin.send("GET", VERSIONS).json["breaker"] == found
    health = admin.send("GET", "/api/v1/policy/health").json
    assert (health["status"], health["degraded"]) == ("degraded", ["block_limit"])


def test_a_process_keeps_to_the_limit_before_anything_is_counted(payments: Payments, caller: Caller) -> None:
    put(caller, thresholds=SLIP)
    assert outcomes(payments.send(49)) == [("block", "thresholds", [])] * 10 + [HELD_BACK] * 39
    assert outcomes(payments.send(2)) == [HELD_BACK] * 2


def test_what_is_repeated_is_blocked_once(payments: Payments, caller: Caller) -> None:
    put(caller, thresholds=SLIP)
    for _ in range(12):
        assert payments.send(1, transaction_id="again")[0]["decision"] == "block"
    assert [one["decision"] for one in payments.send(12)] == ["block"] * 9 + ["review"] * 3


def test_it_is_closed_by_hand_and_opens_again_where_nothing_has_changed(
    payments: Payments, caller: Caller, admin: Caller
) -> None:
    assert admin.send("POST", CLOSE, {"note": "why"}).json["code"] == "not_open"
    put(caller, thresholds=SLIP)
    payments.send(12)
    payments.count()
    assert state(admin)["open"]
    assert Caller("AnalystKey", handler=policy.lambda_handler).send("POST", CLOSE, {"note": "why"}).status == 403
    assert admin.send("POST", CLOSE, {}).status == 422
    closed = admin.send("POST", CLOSE, {"note": "they are stolen"})
    assert (closed.status, closed.json["open"], closed.json["note"]) == (200, False, "they are stolen")
    [entry] = admin.send("GET", "/api/v1/policy/audit?kind=breaker").json["entries"]
    assert (entry["action"], entry["subject"], entry["version"]) == ("closed", "payment", 2)
    another_process()
    assert [one["decision"] for one in payments.send(12)] == ["block"] * 10 + ["review"] * 2


def test_an_attack_stays_blocked_where_the_rule_has_no_limit_and_the_rest_may_still_be_blocked(
    payments: Payments, caller: Caller, admin: Caller
) -> None:
    other = {"code": "other", "outcome": "block", "when": 'nameDest == "C-other"'}
    put(caller, rules=[STOLEN | EXEMPT, other])
    for _ in range(5):
        results = payments.send(12, nameDest="C-stolen") + payments.send(8)
        payments.count()
        another_process()
        assert [one["decision"] for one in results] == ["block"] * 12 + ["approve"] * 8
    assert not state(admin)["open"]
    assert payments.send(1, nameDest="C-other")[0]["decision"] == "block"


def test_without_that_its_blocks_are_reviews_and_other_rules_block_on(
    payments: Payments, caller: Caller, admin: Caller
) -> None:
    other = {"code": "other", "outcome": "block", "when": 'nameDest == "C-other"'}
    put(caller, rules=[STOLEN, other])
    payments.send(40)
    payments.send(60, nameDest="C-stolen")
    payments.count()
    found = state(admin)
    assert (found["open"], found["whole"], found["rules"], found["cause"]) == (True, False, ["stolen"], "traffic")
    another_process()
    assert outcomes(payments.send(1, nameDest="C-stolen")) == [HELD_BACK]
    assert payments.send(1, nameDest="C-other")[0]["decision"] == "block"


def test_files_do_not_trip_it(payments: Payments, caller: Caller, admin: Caller) -> None:
    put(caller, thresholds=SLIP)
    payments.send(49)
    payments.count("batch")
    assert not state(admin)["open"]


def test_a_version_may_block_what_it_says(payments: Payments, caller: Caller, admin: Caller) -> None:
    draft = {"based_on": 1, "thresholds": SLIP, "limits": {"block_share": 0.2}, "note": "twice as many"}
    admin.send("POST", VERSIONS, draft)
    activated = admin.send("POST", f"{VERSIONS}/2/activate", {"note": "so be it", "force": True})
    assert activated.status == 200, activated.text
    another_process()
    assert [one["decision"] for one in payments.send(30)] == ["block"] * 20 + ["review"] * 10
    assert state(admin)["limits"]["share"] == 0.2
