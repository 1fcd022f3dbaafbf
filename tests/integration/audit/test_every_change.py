"""No change without its entry in the audit log: every route by which people change something is tried."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi import FastAPI, Request, Response

from fraudshield.api.app import create_app
from fraudshield.api.entry import Handler, lambda_entry
from fraudshield.api.request import actor
from fraudshield.api.response import json_response
from fraudshield.audit import wiring as audit_wiring
from fraudshield.audit.audit import AuditEntry
from fraudshield.event_type.in_force import BreakerState
from fraudshield.monitoring import wiring as monitoring_wiring
from fraudshield.monitoring.alarm import AlarmChange
from infra.openapi.policy_operation import AGREED, CHANGED, CONTENT
from tests.api.documented import CONTRACT
from tests.api.whole_api import handler_of
from tests.authors import ADA
from tests.caller import POLICY, SCORE, ApiResponse, Caller
from tests.conftest import README_TRANSACTION
from tests.event_types import ORDER, WITH_DEVICE
from tests.fakes import NOW
from tests.labelling import EMPTIED
from tests.policies.breakers import put_breaker
from tests.stack import Stack, client

WRITING = {"post", "put", "patch", "delete"}
LIST = "/api/v1/policy/lists/{name}"
ENTRIES = f"{LIST}/entries"
DATABASE, NOTIFICATIONS = "/api/v1/database", "/api/v1/notifications"
VERSIONS = "/api/v1/policy/versions"
VERSION, ACTIVATE = f"{VERSIONS}/{{version}}", f"{VERSIONS}/{{version}}/activate"
DRAFT = {**CONTENT, "based_on": 1}
LABEL = f"{DATABASE}/transactions/{{transaction_id}}/label"
VERDICT, NOTES = f"{DATABASE}/reviews/{{transaction_id}}/verdict", f"{DATABASE}/transactions/{{transaction_id}}/notes"
ALARM = AlarmChange("Degraded", "warning", open=True, at=datetime(2026, 11, 24, 10, tzinfo=UTC), detail="so it is")
SUBSCRIBER = {"notification_type": "system_alerts", "contact": {"name": "Bo", "email": "bo@example.org"}}
PERSON = README_TRANSACTION["nameOrig"]
RATES = "currency,from,rate\nJPY,2026-01-01,0.006\n"
CANARIES = (
    PERSON,
    README_TRANSACTION["nameDest"],
    README_TRANSACTION["transaction_id"],
    "test_125",
    "bo@example.org",
    "Bo",
)
Send = Callable[[str, str, Any], ApiResponse]


@dataclass(frozen=True, slots=True)
class Change:
    """A change by a route: what must be there first, what is sent, and the kind and action of its entry.

    `made` counts the entries of its kind once it was sent twice, with those of what must be there first.
    """

    kind: str
    action: str
    body: Any = None
    first: Callable[[Send], dict[str, str]] = lambda _: {}
    made: int = 1


def scored(send: Send) -> dict[str, str]:
    send("POST", SCORE, {"transactions": [README_TRANSACTION]})
    return {"transaction_id": README_TRANSACTION["transaction_id"], "account": PERSON}


def with_device(send: Send) -> dict[str, str]:
    send("POST", "/api/v1/policy/event-types", dict(WITH_DEVICE))
    sent = {**README_TRANSACTION, "device_id": "d-1", "currency": "EUR"}
    send("POST", SCORE, {"event_type": WITH_DEVICE["name"], "transactions": [sent]})
    return {"entity": "device", "value": "d-1"}


def without_sender(send: Send) -> dict[str, str]:
    fields = {"total": {"kind": "money", "role": "amount", "required": True}}
    send("POST", "/api/v1/policy/event-types", {"name": "till_payment", "fields": fields})
    sent = {"transaction_id": "till-1", "total": 5}
    send("POST", SCORE, {"event_type": "till_payment", "transactions": [sent]})
    return {"transaction_id": "till-1"}


def reporting(send: Send) -> dict[str, str]:
    send("POST", "/api/v1/policy/event-types", dict(ORDER))
    return {}


def listing(send: Send) -> dict[str, str]:
    send("PUT", LIST.format(name="mules"), {"kind": "account"})
    return {"name": "mules"}


def listed(send: Send) -> dict[str, str]:
    send("POST", ENTRIES.format_map(listing(send)), {"value": PERSON})
    return {"name": "mules", "listed_value": PERSON}


def labelled(send: Send) -> dict[str, str]:
    names = scored(send)
    send("PUT", LABEL.format_map(names), {"label": "fraud"})
    return names


def flagged(send: Send) -> dict[str, str]:
    names = {"transaction_id": "test_125"}
    send("POST", SCORE, {"transactions": [README_TRANSACTION | EMPTIED | names]})
    return names


def decided(send: Send) -> dict[str, str]:
    names = flagged(send)
    send("POST", VERDICT.format_map(names), {"verdict": "release"})
    return names


def drafted(send: Send) -> dict[str, str]:
    return {"version": str(send("POST", VERSIONS, DRAFT).json["version"])}


def activated(send: Send) -> dict[str, str]:
    send("POST", ACTIVATE.format_map(drafted(send)), AGREED)
    return {}


def subscribed(send: Send) -> dict[str, str]:
    answer = send("POST", f"{NOTIFICATIONS}/subscribers", SUBSCRIBER)
    return {"subscriber_id": answer.json["subscriber"]["subscriber_id"]}


def held_back(_: Send) -> dict[str, str]:
    put_breaker(BreakerState(version=1, whole=True))
    return {}


def alarmed(_: Send) -> dict[str, str]:
    monitoring_wiring.monitoring_store().change(ALARM)
    return {"alert_id": ALARM.id}


AUDITED: Mapping[tuple[str, str], Change] = {
    ("PUT", POLICY): Change("policy", "changed", {"based_on": 1, "thresholds": {"review": 0.1, "block": 0.5}}),
    ("POST", VERSIONS): Change("policy", "created", DRAFT, made=2),
    ("PUT", VERSION): Change("policy", "changed", CHANGED, drafted, made=2),
    ("DELETE", VERSION): Change("policy", "removed", first=drafted),
    ("POST", ACTIVATE): Change("policy", "activated", AGREED, drafted, made=2),
    ("POST", "/api/v1/policy/rollback"): Change("policy", "rolled_back", {}, activated, made=3),
    ("POST", "/api/v1/policy/breaker/close"): Change("breaker", "closed", {"note": "right"}, held_back),
    ("POST", "/api/v1/policy/event-types"): Change("event_type", "created", dict(WITH_DEVICE)),
    ("PUT", "/api/v1/policy/rates"): Change(
        "rates", "created", "currency,from,rate\nJPY,2026-01-01,0.006\n", reporting
    ),
    ("PUT", LIST): Change("list", "created", {"kind": "account"}, lambda _: {"name": "mules"}),
    ("POST", ENTRIES): Change("list_entry", "created", {"value": PERSON, "note": f"It is {PERSON}"}, listing),
    ("DELETE", f"{ENTRIES}/{{listed_value}}"): Change("list_entry", "removed", first=listed),
    ("PUT", f"{NOTIFICATIONS}/thresholds"): Change("alert_thresholds", "changed", {"based_on": 1}),
    ("POST", f"{NOTIFICATIONS}/subscribers"): Change("subscriber", "created", SUBSCRIBER),
    ("DELETE", f"{NOTIFICATIONS}/subscribers/{{subscriber_id}}"): Change("subscriber", "removed", first=subscribed),
    ("PUT", LABEL): Change("label", "recorded", {"label": "fraud", "labelled_at": "2026-11-24T10:00:00Z"}, scored),
    ("DELETE", LABEL): Change("label", "taken_back", first=labelled),
    ("POST", f"{DATABASE}/labels"): Change(
        "label_file", "recorded", "transaction_id,label\ntest_123,fraud\n", scored, made=2
    ),
    ("POST", VERDICT): Change("verdict", "recorded", {"verdict": "decline", "note": f"It is {PERSON}"}, flagged),
    ("DELETE", VERDICT): Change("verdict", "taken_back", first=decided),
    ("POST", f"{DATABASE}/reviews/verdicts"): Change(
        "verdict", "recorded", {"verdicts": [{"transaction_id": "test_125", "verdict": "release"}]}, flagged
    ),
    ("POST", NOTES): Change("note", "recorded", {"note": f"It is {PERSON}"}, scored, made=2),
    ("DELETE", f"{DATABASE}/accounts/{{account}}"): Change("erasure", "begun", first=scored),
    ("DELETE", f"{DATABASE}/transactions/{{transaction_id}}"): Change("erasure", "begun", first=without_sender),
    ("DELETE", f"{DATABASE}/entities/{{entity}}/{{value}}"): Change("erasure", "begun", first=with_device),
    ("POST", "/api/v1/monitoring/alerts/{alert_id}/acknowledge"): Change("alarm", "acknowledged", first=alarmed),
}
# What analysts and administrators may send that has no entry, and why.
NOT_AUDITED: Mapping[tuple[str, str], str] = {
    ("POST", "/api/v1/model/versions/{model_version}/activate"): "has one, which tests/integration/predictor asserts",
    ("POST", "/api/v1/model/versions/{model_version}/challenge"): "has one, as above",
    ("POST", "/api/v1/model/comparisons"): "has one, as above: it takes a state machine too",
    ("POST", "/api/v1/model/rollback"): "has one, as above: both need the bucket, and a model in it",
    (
        "POST",
        "/api/v1/model/thresholds/propose",
    ): "it has that of a draft, which integration/backtest/test_proposal reads: it takes a thousand payments",
    (
        "POST",
        f"{VERSIONS}/{{version}}/backtests",
    ): "it has one, which integration/backtest reads: it takes a state machine",
    ("POST", "/api/v1/policy/check"): "it tries an expression and stores nothing",
    ("POST", "/api/v1/model/replay"): "it computes again and stores nothing",
    ("POST", "/api/v1/model/replays"): "the same, of many",
    ("POST", f"{DATABASE}/reviews/next"): "it holds a review for a quarter of an hour and decides nothing",
    ("POST", f"{DATABASE}/reviews/{{transaction_id}}/claim"): "the same, for longer",
    ("DELETE", f"{DATABASE}/reviews/{{transaction_id}}/claim"): "the same, no longer",
    ("POST", f"{NOTIFICATIONS}/system-alert"): "it tells people; what was told is in the history of mails",
}


def unlisted(contract: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Routes of a contract that write, ask for more than the scope score, and are in neither table."""
    found = set()
    for path, operations in contract["paths"].items():
        for method, operation in operations.items():
            scopes = {scope for one in operation.get("security", []) for scope in one.get("ApiKey", [])}
            if method in WRITING and scopes & {"analyst", "admin"}:
                found.add((method.upper(), path))
    return found - AUDITED.keys() - NOT_AUDITED.keys()


def send(method: str, path: str, body: Any = None) -> ApiResponse:
    return sent_to(handler_of(path), method, path, body)


def sent_to(handler: Handler, method: str, path: str, body: Any) -> ApiResponse:
    if isinstance(body, str):
        return Caller(headers={"X-Actor": "ada", "Content-Type": "text/csv"}, handler=handler).send_text(
            method, path, body
        )
    return Caller(headers={"X-Actor": "ada"}, handler=handler).send(method, path, body)


def entries(stack: Stack) -> list[dict[str, Any]]:
    """The entries as they lie in the table, oldest first."""
    found = client("dynamodb").scan(TableName=stack.policies)["Items"]
    return sorted((one for one in found if "audit#" in one["name"]["S"]), key=lambda one: int(one["version"]["N"]))


def stored(stack: Stack) -> dict[str, list[Any]]:
    """All that is in the tables but the audit log."""
    tables = {name for resource, name in stack.resolver.refs.items() if resource.endswith("Table")}
    found = {table: client("dynamodb").scan(TableName=table)["Items"] for table in sorted(tables)}
    return {table: [one for one in items if "audit#" not in str(one.get("name"))] for table, items in found.items()}


def changes_without_entry(stack: Stack, change: Callable[[], ApiResponse]) -> bool:
    """Whether what was stored is something else after the change, and no entry says so."""
    before, known = stored(stack), len(entries(stack))
    assert change().status < 300
    return stored(stack) != before and len(entries(stack)) == known


def test_every_route_that_changes_something_is_audited_or_says_why_not() -> None:
    assert unlisted(CONTRACT) == set()
    assert {*AUDITED, *NOT_AUDITED} <= {
        (method.upper(), path) for path, operations in CONTRACT["paths"].items() for method in operations
    }


def test_a_route_in_neither_table_is_noticed() -> None:
    planted = {"post": {"security": [{"ApiKey": ["admin"]}]}, "get": {"security": [{"ApiKey": ["admin"]}]}}
    assert unlisted({"paths": {"/api/v1/policy/planted": planted}}) == {("POST", "/api/v1/policy/planted")}
    assert unlisted({"paths": {"/x": {"post": {"security": [{"ApiKey": ["score"]}]}}}}) == set()


@pytest.mark.parametrize("route", AUDITED, ids=" ".join)
def test_a_change_has_one_entry_that_says_who_when_and_from_where(stack: Stack, route: tuple[str, str]) -> None:
    method, path = route
    change = AUDITED[route]
    sent_at, names = datetime.now(UTC), change.first(send)
    known = len(entries(stack))
    assert not changes_without_entry(stack, lambda: send(method, path.format_map(names), change.body))
    [entry] = entries(stack)[known:]
    assert (entry["kind"]["S"], entry["action"]["S"]) == (change.kind, change.action)
    assert (entry["key_id"]["S"], entry["plan"]["S"], entry["actor"]["S"]) == ("AdminKey", "admin", "ada")
    assert entry["address"]["S"] == "203.0.113.7"
    assert sent_at <= datetime.fromisoformat(entry["at"]["S"]) <= datetime.now(UTC)


@pytest.mark.parametrize("route", AUDITED, ids=" ".join)
def test_no_entry_names_a_person_or_a_payment(stack: Stack, route: tuple[str, str]) -> None:
    method, path = route
    change = AUDITED[route]
    send(method, path.format_map(change.first(send)), change.body)
    assert [canary for canary in CANARIES if canary in str(entries(stack))] == []


@pytest.mark.parametrize("route", [one for one in AUDITED if one[0] in {"PUT", "POST"}], ids=" ".join)
def test_a_repeat_that_changes_nothing_makes_no_second_entry_of_a_change(stack: Stack, route: tuple[str, str]) -> None:
    method, path = route
    change = AUDITED[route]
    names = change.first(send)
    for _ in range(2):
        send(method, path.format_map(names), change.body)
    found = [one for one in entries(stack) if one["kind"]["S"] == change.kind]
    # A file's entry says what became of its lines; a note that is sent twice is two notes, a draft two drafts.
    assert len(found) == change.made


def test_what_is_refused_makes_no_entry(stack: Stack) -> None:
    assert send("PUT", POLICY, {"based_on": 7, "thresholds": {"review": 0.1, "block": 0.5}}).status == 409
    assert send("POST", f"{DATABASE}/labels", "no CSV").status == 400
    assert send("DELETE", LABEL.format(transaction_id="nobody"), None).status == 404
    assert entries(stack) == []


def planted(stack: Stack) -> FastAPI:
    """An app with a route that changes a table and writes no entry."""
    app = create_app("policy", "Planted.")

    @app.put("/planted")
    async def plant(request: Request) -> Response:
        item = {"name": {"S": actor(request)}, "version": {"N": "1"}}
        client("dynamodb").put_item(TableName=stack.policies, Item=item)
        return json_response({})

    return app


def test_a_planted_change_without_its_entry_is_caught(stack: Stack) -> None:
    handler = lambda_entry(planted(stack), "/api/v1/policy")
    assert changes_without_entry(stack, lambda: sent_to(handler, "PUT", "/api/v1/policy/planted", {}))


def test_an_entry_overwrites_none(stack: Stack) -> None:
    write = audit_wiring.audit_log().put(AuditEntry(NOW, ADA, "policy", "changed", "payment"))
    client("dynamodb").transact_write_items(TransactItems=[write])
    with pytest.raises(client("dynamodb").exceptions.TransactionCanceledException):
        client("dynamodb").transact_write_items(TransactItems=[write])
    assert len(entries(stack)) == 1
