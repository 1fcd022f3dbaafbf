"""Event types over the API: put, read, refused."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.event_type.payment import PAYMENT_FEATURES
from functions.policy import app as policy
from tests.caller import ApiResponse, Caller
from tests.event_types import CARD, WITH_DEVICE
from tests.stack import Stack

TYPES = "/api/v1/policy/event-types"


@pytest.fixture(autouse=True)
def fresh(stack: Stack) -> Iterator[None]:
    """A process that has read nothing yet."""
    event_type_wiring.event_types.cache_clear()
    yield
    event_type_wiring.event_types.cache_clear()


def call(method: str, path: str = "", body: Any = None) -> ApiResponse:
    return Caller(handler=policy.lambda_handler, headers={"X-Actor": "ada"}).send(method, TYPES + path, body)


def test_the_built_in_type_is_there_from_the_start() -> None:
    listed = call("GET").json
    assert (listed["count"], listed["event_types"][0]["name"]) == (1, "payment")
    assert call("GET", "/payment").json == listed["event_types"][0]
    assert call("GET", "/payment/versions/1").json == listed["event_types"][0]


def test_a_type_is_put_and_read() -> None:
    put = call("POST", body=WITH_DEVICE)
    assert put.status == 201
    made = put.json
    assert (made["version"], made["lineage"], made["actor"]) == (1, ["payment"], "ada")
    assert made["fields"] == WITH_DEVICE["fields"]
    assert [*made["inherited"]][:2] == ["transaction_id", "step"]
    assert call("GET", "/web_payment").json == call("GET", "/web_payment/versions/1").json == made
    assert [one["name"] for one in call("GET").json["event_types"]] == ["payment", "web_payment"]


def test_what_has_no_effect_yet_is_said() -> None:
    more = deepcopy(dict(CARD))
    more["fields"]["created"]["zone"] = "Europe/Berlin"  # of the type: its hours go by this one
    more["fields"]["first_seen"]["zone"] = "Asia/Tokyo"
    assert call("POST", body=more).json["without_effect"] == ["/fields/first_seen/zone"]


def test_features_are_checked_kept_and_shown_in_their_order() -> None:
    features = {
        "often": {"value": "spent > 500", "says": "The card spends much"},
        "attempts": {"value": "attempts"},
        "a_score": {
            "value": "score * 2", "says": "The score is {value}", "cases": [{"when": "value < 0", "says": "It is bad"}],
            "code": "bad_score",
        },
    }  # fmt: skip
    more = {**CARD, "aggregates": {"spent": {"sum": "amount", "over": "card", "within": "24h"}}, "features": features}
    made = call("POST", body=more).json
    assert (made["features"], [*made["features"]]) == (features, [*features])
    assert (made["without_effect"], call("GET", "/card_payment").json["features"]) == ([], features)
    changed = {**more, "features": {"often": {"value": "spent > 400"}}}
    assert call("POST", body=changed).json["version"] == 2
    refused = call("POST", body={**more, "features": {"often": {"value": "spend > 500"}}})
    [fault] = refused.json["errors"]
    assert (refused.status, fault["pointer"], fault["code"]) == (422, "/features/often/value", "unknown_name")
    assert fault["detail"].endswith("did you mean spent?")


def test_the_features_of_the_built_in_type_are_shown() -> None:
    shown = call("GET", "/payment").json
    assert [*shown["features"]] == [*PAYMENT_FEATURES]
    assert shown["features"]["origin_balance_left"]["value"] == "oldbalanceOrg - amount"


def test_every_version_stays_readable() -> None:
    first = call("POST", body=WITH_DEVICE).json
    wider = deepcopy(dict(WITH_DEVICE))
    wider["fields"]["channel"] = {"kind": "category"}
    second = call("POST", body=wider).json
    assert (second["version"], call("GET", "/web_payment/versions/1").json) == (2, first)
    assert call("POST", body=wider).json == second  # the same once more


def extended(**fields: Any) -> Any:
    return {"name": "x", "extends": "payment", "fields": fields}


@pytest.mark.parametrize(
    ("body", "status", "code", "pointer"),
    [
        ({"name": "payment", "fields": {}}, 422, "reserved_name", "/name"),
        (extended(limit={"kind": "text"}), 422, "reserved_name", "/fields/limit"),
        (extended(a={"kind": "date"}), 422, "invalid_event_type", "/fields/a/kind"),
        ({**WITH_DEVICE, "fields": {}}, 409, "breaks_stored", "/fields/device_id"),
        (extended(**{key: {"kind": "text", "entity": True} for key in "abcd"}), 409, "no_slot", "/fields/d/entity"),
    ],
)  # fmt: skip
def test_a_bad_one_is_refused_with_its_place(body: Any, status: int, code: str, pointer: str) -> None:
    call("POST", body=WITH_DEVICE)
    refused = call("POST", body=body)
    assert (refused.status, refused.json["code"]) == (status, code)
    assert pointer in [fault["pointer"] for fault in refused.json["errors"]]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/nothing", "unknown_event_type"),
        ("/No%20Name", "not_found"),
        ("/payment/versions/2", "not_found"),
        ("/payment/versions/one", "not_found"),
        ("/nothing/versions/1", "unknown_event_type"),
    ],
)
def test_what_is_not_there_is_not_found(path: str, code: str) -> None:
    answer = call("GET", path)
    assert (answer.status, answer.json["code"]) == (404, code)
