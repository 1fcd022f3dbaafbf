"""Card sales: an event type of one's own with models made by hand, and what puts them in force."""

from pathlib import Path
from typing import Any

from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.event_type.event_type import EventType
from fraudshield.predictor.published import PublishedModel
from functions.policy import app as policy
from infra.cli.models.client import publish
from tests.caller import Caller
from tests.conftest import forget
from tests.published.own_model import above
from tests.stack import Stack, client

SALE: dict[str, Any] = {
    "name": "card_sale",
    "fields": {
        "sale_id": {"kind": "text", "role": "id"},
        "created": {"kind": "instant", "role": "time", "required": True},
        "amount": {"kind": "money", "role": "amount", "required": True, "currency": "EUR"},
        "card": {"kind": "text", "role": "sender", "required": True},
        "channel": {"kind": "category", "values": ["web", "shop"]},
    },
    "aggregates": {"card_sales_24h": {"of": "count", "over": "card", "within": "24h"}},
    "features": {
        "amount": {"value": "amount", "says": "The amount is {money}"},
        "card_sales_24h": {"value": "card_sales_24h", "says": "The card paid {value} times within the day"},
        "channel": {"value": "channel", "says": "It comes by {value}"},
    },
}
EXTENDED: dict[str, Any] = {
    "name": "web_sale",
    "extends": "payment",
    "fields": {"device": {"kind": "text", "entity": "device"}},
    "features": {"amount": {"value": "amount"}},
}
RANKS = {"channel": {"shop": 0.0, "web": 1.0}}
TREES = [above(0, 1000.0, 0.25), above(1, 0.5, 0.35), above(2, 0.5, 0.3)]
FIRST = {"sale_id": "s1", "created": "2026-11-24T10:00:00Z", "amount": 10, "card": "c1", "channel": "shop"}
SECOND = FIRST | {"sale_id": "s2", "created": "2026-11-24T11:00:00Z", "amount": 2000, "channel": "web"}
TYPES, MODELS = "/api/v1/policy/event-types", "/api/v1/model/versions"
OF_SALES, NOTE = "?event_type=card_sale", {"note": "the first of its own"}
ADMIN = Caller(handler=policy.lambda_handler)


def sales() -> EventType:
    return event_type_wiring.event_types().newest("card_sale")


def put_model(stack: Stack, folder: Path, name: str = "card_sale") -> PublishedModel:
    return publish(client("s3"), stack.bucket, folder, name, event_type_wiring.event_types())


def activate(version: str, of: str = OF_SALES, **said: Any) -> Any:
    response = ADMIN.send("POST", f"{MODELS}/{version}/activate{of}", NOTE | said)
    forget()
    return response


def scored(*sent: Any, event_type: str = "card_sale", **more: Any) -> list[Any]:
    response = Caller().score(*sent, event_type=event_type, **more)
    assert response.status == 200, response.text
    versions = {one["model_version"] for one in response.json["results"]} - {None}
    assert not versions or versions == {response.json["model_version"]}
    return list(response.json["results"])
