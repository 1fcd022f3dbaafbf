"""Payments of a type that does not extend the built-in one at every route: its policy decides, and no model."""

from collections.abc import Iterator
from math import isnan
from typing import Any

import numpy as np
import pytest

from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.event_type.environment import environment
from fraudshield.expression.column import column
from fraudshield.expression.expression import feature
from fraudshield.expression.matrix import matrix
from fraudshield.expression.vector import Component, vector
from fraudshield.text import strict_json
from fraudshield.text.json_text import json_text
from fraudshield.transaction.parser import parser_of
from fraudshield.transaction.value import values_of
from functions.database import app as database
from functions.ingest import app as ingest
from functions.policy import app as policy
from tests.caller import EXPLAIN, HEALTH, POLICY, REPLAY, ApiResponse, Caller
from tests.conftest import README_TRANSACTION
from tests.event_types import CARD, WITH_DEVICE, version_of
from tests.fakes import NOW
from tests.integration.scoring.test_event_type import accepted, stored, worked
from tests.stack import Stack

TYPE = {"event_type": "card_payment"}
SENT: dict[str, Any] = {
    "id": "ch_1", "created": "2026-11-24T10:00:00Z", "amount": 109900, "currency": "EUR",
    "card": {"fingerprint": "fp_1"}, "merchant": "m_7", "device_id": "d-1", "attempts": 3,
}  # fmt: skip
THRESHOLDS = {"review": 0.02, "block": 0.4}
CONDITIONS = [
    {"code": "many_attempts", "outcome": "review", "when": 'attempts > 2 && amount >= 1099 && currency == "EUR"'},
    {"code": "new_terminal", "outcome": "block", "when": 'terminal != "t-1"'},
]
JUST_NOW = {name: value for name, value in SENT.items() if name != "created"}
MARKED = {"event_type": "card_payment", "event_type_version": 1}


@pytest.fixture(autouse=True)
def put(stack: Stack) -> Iterator[None]:
    event_type_wiring.event_types.cache_clear()
    for document in (CARD, WITH_DEVICE):
        made = Caller(handler=policy.lambda_handler).send("POST", "/api/v1/policy/event-types", document)
        assert made.status == 201
    yield
    event_type_wiring.event_types.cache_clear()


def put_policy(conditions: Any, event_type: str = "card_payment", based_on: int = 1) -> ApiResponse:
    body = {"based_on": based_on, "thresholds": THRESHOLDS, "conditions": conditions}
    return Caller().send("PUT", f"{POLICY}?event_type={event_type}", body)


def page(name: str = "card_payment") -> Any:
    return Caller(handler=policy.lambda_handler).send("GET", f"/api/v1/policy/event-types/{name}").json


def health() -> Any:
    return Caller(handler=policy.lambda_handler).send("GET", HEALTH.replace("model", "policy")).json


def test_without_a_condition_everything_is_approved_and_all_say_so() -> None:
    [entry] = Caller().score(SENT, **TYPE).json["results"]
    assert MARKED.items() <= entry.items()
    expected = {
        "transaction_id": "ch_1", "risk": None, "prediction": 0, "confidence": None, "decision": "approve",
        "reasons": [], "model_version": None, "decision_source": "rules", "degraded": [],
        "quality": ["nothing_decides"], "persisted": True,
    }  # fmt: skip
    assert expected.items() <= entry.items()
    assert (page()["quality"], page("web_payment").get("quality")) == (["nothing_decides"], None)
    assert health()["degraded"] == ["nothing_decides"]


def test_a_condition_on_its_own_fields_decides() -> None:
    assert put_policy(CONDITIONS).status == 200
    answer = Caller().score(SENT, {**SENT, "id": "ch_2", "attempts": 1}, **TYPE)
    caught, other = answer.json["results"]
    assert (caught["decision"], caught["prediction"], caught["policy_version"]) == ("review", 1, 2)
    assert [one["code"] for one in caught["reasons"]] == ["many_attempts"]
    unread = {"code": "new_terminal", "outcome": "block", "state": "not_evaluated", "why": "terminal is missing"}
    assert caught["rules"] == [{"code": "many_attempts", "outcome": "review", "state": "held"}, unread]
    assert (other["decision"], other["rules"], other["quality"]) == ("approve", [unread], [])
    assert Caller().score(SENT, **TYPE).entries == answer.entries[:1]
    assert (page().get("quality"), health()["degraded"]) == (None, [])


def test_the_policy_of_payments_stays_what_it_was() -> None:
    assert put_policy(CONDITIONS).status == 200
    [entry] = Caller().score(README_TRANSACTION).json["results"]
    assert entry["policy_version"] == 1
    assert Caller().send("GET", POLICY).json["version"] == 1
    own = Caller().send("GET", f"{POLICY}?event_type=card_payment").json
    assert (own["version"], own["conditions"]) == (2, CONDITIONS)


def test_what_extends_payment_goes_by_payments_policy_until_it_has_its_own() -> None:
    sent = {**README_TRANSACTION, "device_id": "d-1", "currency": "EUR"}
    of_payment = [{"code": "all", "outcome": "review", "when": "amount > 0"}]
    assert put_policy(of_payment, "payment").status == 200
    assert Caller().score({**sent, "transaction_id": "a"}, event_type="web_payment").json["results"][0]["decision"] == (
        "review"
    )
    own = [{"code": "her_device", "outcome": "block", "when": 'device_id == "d-1" && risk < 1.0'}]
    assert put_policy(own, "web_payment", based_on=1).status == 409
    assert put_policy(own, "web_payment", based_on=2).json["version"] == 3
    [entry] = Caller().score({**sent, "transaction_id": "b"}, event_type="web_payment").json["results"]
    assert (entry["decision"], entry["policy_version"]) == ("block", 3)
    assert [replayed(one) for one in ("a", "b")] == [True, True]


def replayed(transaction_id: str) -> Any:
    return Caller().send("POST", REPLAY, {"transaction_id": transaction_id}).json["same"]


@pytest.mark.parametrize(
    ("when", "pointer", "code", "says"),
    [
        ("attempt > 2", "/conditions/0/when", "unknown_name", "At character 1"),
        ("attempts + 1", "/conditions/0/when", "result", "At character"),
        ("", "/conditions/0/when", "expression_length", "1 to 4096"),
        ([{"field": "oldbalanceOrg", "at_least": 1}], "/conditions/0/when/0/field", "unknown_field", "no field of"),
        ([{"field": "amount"}], "/conditions/0/when/0/at_least", "clause_test", "should be given"),
    ],
)
def test_a_condition_that_does_not_go_with_the_type_is_refused(when: Any, pointer: str, code: str, says: str) -> None:
    refused = put_policy([{"code": "a", "outcome": "review", "when": when}])
    assert refused.status == 422
    [fault] = refused.json["errors"]
    assert (fault["pointer"], fault["code"]) == (pointer, code)
    assert says in fault["detail"]


def test_a_policy_is_of_a_type_that_there_is() -> None:
    assert put_policy([], "nothing").json["code"] == "unknown_event_type"


def test_it_is_shown_listed_exported_explained_and_replayed() -> None:
    put_policy(CONDITIONS)
    Caller().score(JUST_NOW, **TYPE)
    shown = stored("ch_1")
    assert {
        "transaction_id": "ch_1", "amount": 1099, "amount_minor": 109900, "card": "fp_1", "merchant": "m_7",
        "source": "api", **MARKED,
    }.items() <= shown["transaction"].items()  # fmt: skip
    assert not {"step", "nameOrig", "oldbalanceOrg"} & shown["transaction"].keys()
    assert shown["first_decision"]["risk"] is None
    [row] = listed("event_type=card_payment")
    assert {"nameOrig": "fp_1", "nameDest": "m_7", "type": None, "risk": None}.items() <= row.items()
    [queued] = listed("event_type=card_payment&outcome=review&labelled=false&sort=expected_loss")
    assert queued["expected_loss"] == pytest.approx(1099 * THRESHOLDS["review"])
    assert [one["transaction_id"] for one in listed("event_type=card_payment&account=m_7")] == ["ch_1"]
    csv = (
        Caller(handler=ingest.lambda_handler)
        .send("GET", "/api/v1/ingest/export?event_type=card_payment")
        .text.splitlines()
    )
    cells = dict(zip(csv[0].split(","), csv[1].split(","), strict=True))
    assert {"device_id": "d-1", "card": "fp_1", "amount": "1099", "amount_minor": "109900"}.items() <= cells.items()
    why = Caller().send("POST", EXPLAIN, {"transaction_id": "ch_1"}).json
    assert (why["risk"], why["explained_by"], why["contributions"]) == (None, None, [])
    assert [one["code"] for one in why["reasons"]] == ["many_attempts"]
    assert Caller().send("POST", EXPLAIN, {"transaction": SENT, **TYPE}).status == 200
    assert replayed("ch_1") is True


def listed(query: str) -> Any:
    found = Caller(handler=database.lambda_handler).send("GET", f"/api/v1/database/transactions?{query}")
    assert found.status == 200, found.text
    return found.json["transactions"]


def test_what_is_queued_is_decided_by_its_policy(stack: Stack) -> None:
    put_policy(CONDITIONS)
    assert accepted({"transactions": [SENT], **TYPE}).status == 202
    assert accepted({"transaction": README_TRANSACTION}).status == 202
    assert worked(stack) == {"batchItemFailures": []}
    assert stored("ch_1")["transaction"]["decision"] == "review"
    assert stored(README_TRANSACTION["transaction_id"])["first_decision"]["policy_version"] == 1


def test_velocities_are_of_its_sender_and_receiver() -> None:
    asked = "origin_count_24h >= 1 && destination_senders_7d == 1"
    put_policy([{"code": "again", "outcome": "review", "when": asked}])
    first, second = (
        Caller().score({**SENT, "id": name, "created": f"2026-11-24T10:0{at}:00Z"}, **TYPE).json["results"][0]
        for at, name in enumerate(("a", "b"))
    )
    assert (first["decision"], second["decision"]) == ("approve", "review")
    assert second["velocity"] == {"destination_senders_7d": 1, "origin_count_24h": 1}


def test_another_content_is_a_conflict_and_a_store_without_a_decision_is_decided_later() -> None:
    kept = Caller(handler=database.lambda_handler).send(
        "POST", "/api/v1/database/transactions", {"transaction": SENT, **TYPE}
    )
    assert kept.status == 200
    assert stored("ch_1")["first_decision"] is None
    assert Caller().score({**SENT, "amount": 1}, **TYPE).status == 409
    assert Caller().score(SENT, **TYPE).json["results"][0]["persisted"]
    assert stored("ch_1")["transaction"]["decision"] == "approve"


FEATURES = {
    "dear": {"value": "amount / 1000", "says": "The amount is {percent} % of a thousand"},
    "tries": {"value": "attempts > 2 ? attempts - 2 : 0"},
    "currency": {"value": "currency"},
    "on_a_new_device": {"value": 'has(device_id) && device_id.startsWith("d")'},
    "night": {"value": "hour(occurred_at) < 6 || weekday(created) > 5"},
    "age_days": {"value": '(occurred_at - first_seen) / duration("24h")'},
    "fee_share": {"value": "score / (attempts - 3)"},
}


def test_its_features_are_kept_shown_and_the_same_one_by_one_and_over_columns() -> None:
    with_features = {**CARD, "features": FEATURES}
    put = Caller(handler=policy.lambda_handler).send("POST", "/api/v1/policy/event-types", with_features)
    assert (put.status, put.json["version"], page()["features"]) == (201, 2, FEATURES)
    event_type = version_of(with_features)
    names = environment(event_type.document, event_type.all_fields)
    components = [Component(feature(one["value"], names), {"EUR": 3.0}) for one in FEATURES.values()]
    sent = [
        {**SENT, "first_seen": "2026-11-22T10:00:00Z", "score": 0.5, "attempts": 4},
        {**SENT, "attempts": 3, "score": 0.5, "currency": "JPY"},
        {name: value for name, value in SENT.items() if name not in ("device_id", "attempts")},
    ]
    read = [parser_of(event_type).read(exact(one), "") for one in sent]
    values = [values_of(one, one.occurred_at or NOW, names.fields) for one in read]
    together = [vector(components)(one) for one in values]
    assert [[None if isnan(number) else number for number in row] for row in together] == [
        [1.099, 2.0, 3.0, 1.0, 0.0, 2.0, 0.5],
        [109.9, 1.0, None, 1.0, 0.0, None, None],
        [1.099, None, 3.0, 0.0, 0.0, None, None],
    ]
    table = {name: column(kind, [one[name] for one in values]) for name, kind in names.fields.items()}
    assert np.array(together).tobytes() == matrix(components, table, len(values)).tobytes()


def exact(sent: Any) -> Any:
    """As it comes over the wire."""
    return strict_json.parse(json_text(sent).encode())
