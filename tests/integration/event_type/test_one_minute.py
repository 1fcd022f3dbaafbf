"""The page's own payment in one minute does what it says, from its document to its first decision."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fraudshield.event_type import wiring as event_type_wiring
from functions.policy import app as policy
from tests.caller import POLICY, SCORE, Caller
from tests.stack import Stack

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/event-types.md").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def fresh(stack: Stack) -> Iterator[None]:
    event_type_wiring.event_types.cache_clear()
    yield
    event_type_wiring.event_types.cache_clear()


def documents() -> list[Any]:
    """The documents that the page shows, in its order."""
    return [json.loads(block) for block in re.findall(r"(?ms)^```json\n(\{.*?)^```", PAGE)]


def bodies() -> list[Any]:
    """What the page's calls send: a payment, and a policy."""
    return [json.loads(body) for body in re.findall(r"(?s) -d '(.*?)'", PAGE)]


def test_the_page_shows_the_document_that_is_there() -> None:
    assert json.loads((ROOT / "events/event_type.json").read_text()) == documents()[0]


def test_the_pages_payment_is_decided() -> None:
    for document in documents():
        put = Caller(handler=policy.lambda_handler).send("POST", "/api/v1/policy/event-types", document)
        assert (put.status, put.json["version"]) == (201, 1)
    payment, change = bodies()
    [entry] = Caller().send("POST", SCORE, payment).json["results"]
    assert (entry["event_type"], entry["persisted"]) == ("web_payment", True)
    assert Caller().send("PUT", f"{POLICY}?event_type=web_payment", change).json["version"] == 2
