"""What is known of accounts and devices: counts, who is at the other end, who shares them, what waits; bounded."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urljoin

import pytest

from fraudshield.erasure.thing import Thing
from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.history import wiring as history_wiring
from functions.database import app as database
from functions.policy import app as policy
from tests.caller import ApiResponse, Caller
from tests.conftest import README_TRANSACTION
from tests.event_types import WITH_DEVICE
from tests.integration.review.reviewing import decide
from tests.labelling import EMPTIED, label
from tests.stack import Stack

DATABASE = "/api/v1/database"
# By id: what it changes of README's payment, and the device it came from.
SENT: dict[str, tuple[dict[str, Any], str]] = {
    "a1": ({"nameOrig": "A", "nameDest": "X", "amount": 10.5}, "d/1"),
    "a2": ({"nameOrig": "A", "nameDest": "X", "amount": 20.25}, "d/1"),
    "a3": ({"nameOrig": "A", "nameDest": "Y", "amount": 300.0}, "d2"),
    "a4": ({**EMPTIED, "nameOrig": "A", "nameDest": "Y"}, "d2"),
    "a5": ({**EMPTIED, "nameOrig": "A", "nameDest": "Z"}, "d2"),
    "a6": ({**EMPTIED, "nameOrig": "A", "nameDest": "Z"}, "d2"),
    "b1": ({"nameOrig": "B", "nameDest": "A", "amount": 7.0}, "d/1"),
    "c1": ({"nameOrig": "C", "nameDest": "C", "amount": 8.0}, "d/1"),
}


@pytest.fixture(scope="module")
def stored(lasting_stack: Stack) -> Iterator[Stack]:
    event_type_wiring.event_types.cache_clear()
    created = Caller(handler=policy.lambda_handler).send("POST", "/api/v1/policy/event-types", dict(WITH_DEVICE))
    assert created.status == 201
    for name, (changes, device) in SENT.items():
        sent = {**README_TRANSACTION, **changes, "transaction_id": name, "device_id": device, "currency": "EUR"}
        assert Caller().score(sent, event_type=WITH_DEVICE["name"]).json["results"][0]["persisted"]
    assert label("fraud", "a5").status == 200
    assert decide("a6").status == 200
    yield lasting_stack
    event_type_wiring.event_types.cache_clear()


def get(path: str) -> ApiResponse:
    return Caller("AnalystKey", handler=database.lambda_handler).send("GET", f"{DATABASE}{path}")


def test_an_accounts_counts_are_those_of_its_payments(stored: Stack) -> None:
    found = get("/entities/account/A").json
    assert (found["payments"], found["amount"], found["capped"]) == (7, 10.5 + 20.25 + 300 + 15000 + 7, False)
    assert {name: one["payments"] for name, one in found["by_label"].items()} == {
        "fraud": 1,
        "genuine": 0,
        "unlabelled": 6,
    }
    flagged = found["by_outcome"]["review"]["payments"] + found["by_outcome"]["block"]["payments"]
    assert (flagged, found["by_outcome"]["approve"]) == (3, {"payments": 4, "amount": 337.75})
    assert found["by_outcome"]["undecided"] == {"payments": 0, "amount": 0}
    assert (found["sent"]["payments"], found["received"]) == (6, {"payments": 1, "amount": 7})
    assert found["first_seen"] <= found["last_seen"]


def test_what_waits_is_what_has_neither_label_nor_verdict(stored: Stack) -> None:
    waiting = {"count": 1, "capped": False, "transaction_ids": ["a4"]}
    assert get("/entities/account/A").json["open_reviews"] == waiting
    assert get("/entities/device/d2").json["open_reviews"] == waiting


def test_counterparties_are_by_number_and_by_money(stored: Stack) -> None:
    found = get("/accounts/A").json["counterparties"]
    assert found["distinct"] == 4
    assert [(one["account"], one["payments"]) for one in found["by_number"]] == [("Z", 2), ("Y", 2), ("X", 2), ("B", 1)]
    assert [one["account"] for one in found["by_amount"]] == ["Z", "Y", "X", "B"]
    itself = get("/accounts/C").json
    assert (itself["payments"], itself["counterparties"]["distinct"], itself["sent"], itself["received"]) == (
        1,
        0,
        {"payments": 1, "amount": 8},
        {"payments": 1, "amount": 8},
    )


def test_what_others_share_names_them(stored: Stack) -> None:
    shares = {one["value"]: one for one in get("/accounts/A").json["shares"]}
    assert (shares["d/1"]["payments"], shares["d/1"]["accounts"], shares["d/1"]["capped"]) == (3, ["B", "C"], False)
    assert (shares["d2"]["payments"], shares["d2"]["other_accounts"]) == (4, 0)


def test_one_step_away_are_accounts_and_devices(stored: Stack) -> None:
    links = get("/entities/account/A/links").json["links"]
    assert {(one["entity"], one["value"], one["payments"]) for one in links} == {
        ("account", "X", 2),
        ("account", "Y", 2),
        ("account", "Z", 2),
        ("account", "B", 1),
        ("device", "d/1", 3),
        ("device", "d2", 4),
    }
    of_device = get(f"/entities/device/{quote('d/1', safe='')}/links").json
    assert {(one["value"], one["payments"]) for one in of_device["links"]} == {("A", 3), ("X", 2), ("B", 1), ("C", 1)}


@pytest.mark.parametrize("path", ["/accounts/A", "/entities/account/A", "/entities/device/d%2F1"])
def test_an_answers_links_lead_there(stored: Stack, path: str) -> None:
    links = get(path).json["links"]
    for name, address in links.items():
        whole = urljoin(f"https://example.org/dev{DATABASE}{path}", address)
        there = get(whole.removeprefix(f"https://example.org/dev{DATABASE}"))
        assert (there.status, name) == (200, name), there.text


def test_a_payments_links_lead_there(stored: Stack) -> None:
    links = get("/transactions/a1").json["links"]
    assert links["job"] is None
    for name in ("self", "account", "timeline"):
        whole = urljoin(f"https://example.org/dev{DATABASE}/transactions/a1", links[name])
        assert get(whole.removeprefix(f"https://example.org/dev{DATABASE}")).status == 200
    at = f"https://example.org/dev{DATABASE}/transactions/a1"
    version = f"https://example.org/dev/api/v1/policy/versions/1?event_type={WITH_DEVICE['name']}"
    assert urljoin(at, links["policy"]) == version
    assert urljoin(at, links["mails"]) == "https://example.org/dev/api/v1/notifications/history"


def test_nobody_has_nothing(stored: Stack) -> None:
    found = get("/accounts/nobody").json
    assert (found["payments"], found["first_seen"], found["last_seen"]) == (0, None, None)
    assert get("/entities/account/nobody/links").json["links"] == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/entities/nothing/x", 404),
        ("/entities/NO!/x", 404),
        (f"/entities/device/{'x' * 600}", 422),
        ("/accounts/%00", 422),
    ],
)
def test_what_there_cannot_be_is_said(stored: Stack, path: str, status: int) -> None:
    assert get(path).status == status


def test_where_there_is_more_it_is_said_and_the_first_is_still_known(stored: Stack) -> None:
    few = replace(history_wiring.entity_histories(), rows=2)
    found, whole = (
        one.of(Thing("account", "A", ()), sharing=False) for one in (few, history_wiring.entity_histories())
    )
    assert (found.capped, len(found.payments)) == (True, 3)
    assert (found.first_seen, found.last_seen) == (whole.first_seen, whole.last_seen)
    assert sum((one.amount or Decimal() for one in found.payments), Decimal()) < Decimal(15337)
