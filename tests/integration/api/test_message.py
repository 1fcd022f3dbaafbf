"""No fault's text speaks of Python: every route is sent what it cannot take, and each text that comes back is read."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from fraudshield.text.pattern import WORDS
from functions.database.app import lambda_handler as database
from functions.ingest.app import lambda_handler as ingest
from tests.caller import Caller
from tests.conftest import README_TRANSACTION
from tests.integration.api.test_scope import JOB, NAMED, PREDICTION, ROUTES, SERVICES, SUBSCRIBER
from tests.stack import Stack

LIST = "/api/v1/database/transactions"
OURS = r"\b(?:TransactionType|Outcome|Severity|Source|Clause|Condition|[A-Z]\w+(?:Request|Query|Rules))\b"
PYTHON = re.compile(
    r"instance of|dictionar|[Tt]uple|NoneType|None\b|True\b|False\b|Decimal|datetime\.|<enum|Value error|Traceback"
    r"|\b[A-Z]\w*(?:Error|Exception|Warning)\b|\[key\]|[Pp]attern|\^\[|\\x|\?:|" + OURS
)
WRONG: tuple[Any, ...] = (
    None,
    True,
    -1,
    1.5,
    1e300,
    10**40,
    "",
    "x" * 5000,
    "a\0b",
    "\ud800",
    [],
    [1],
    {},
    {"a": 1},
    [[]],
    {"x" * 70: {}},
)
POLICY = {
    "based_on": 1,
    "thresholds": {"review": 0.1, "block": 0.5},
    "conditions": [{"code": "a", "outcome": "review", "when": [{"field": "amount", "at_least": 1}]}],
    "note": "n",
}
ALERTS = {"alert_risk": 0.5, "critical_risk": 0.9, "always": ["block"], "mails_per_hour": 1, "system_cooldown_s": 1}
QUIET = {"severity": "high", "quiet_hours": {"start": "22:00", "end": "06:00", "timezone": "Europe/Rome"}}
BODIES: Mapping[tuple[str, str, str], Any] = {
    **{route: body for route, (_, body) in ROUTES.items() if isinstance(body, dict)},
    ("model", "PUT", "/policy"): POLICY,
    ("database", "PUT", "/transactions/{transaction_id}/label"): {
        **{"label": "fraud", "source": "analyst", "labelled_at": "2026-11-24T10:00:00Z"},
    },
    ("database", "POST", "/predictions"): PREDICTION | {"decided_at": "2026-11-24T10:00:00Z"},
    ("batch", "POST", "/jobs"): JOB | {"store": "all", "notify": "a@example.com"},
    ("batch", "POST", "/uploads"): {"file_name": "a.csv"},
    ("notification", "PUT", "/thresholds"): ALERTS | {"based_on": 1},
    ("notification", "POST", "/system-alert"): {"alert_type": "a", "message": "b", "details": {"a": "b"}},
    ("notification", "POST", "/subscribers"): SUBSCRIBER | QUIET,
}


def spoilt(good: Any) -> Iterator[Any]:
    """The body with each part of it replaced by what it cannot be, left out, or beside something unknown."""
    yield from WRONG
    if isinstance(good, dict):
        yield good | {"unknown": 1}
        for name, value in good.items():
            yield {one: kept for one, kept in good.items() if one != name}
            yield from (good | {name: wrong} for wrong in spoilt(value))
    elif isinstance(good, list):
        yield from ([wrong] for wrong in spoilt(good[0]))


def texts(body: Any) -> Iterator[str]:
    """Every text that explains a fault, wherever it stands in a response."""
    for name, value in body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ():
        if name in {"detail", "message", "error", "error_message"} and isinstance(value, str):
            yield value
        yield from texts(value)


def said(text: str) -> str:
    """A fault's text without the part that repeats what was sent."""
    return re.sub(r"(, )?found .*", "", text)


@pytest.mark.parametrize("route", BODIES, ids=" ".join)
def test_no_fault_of_a_body_speaks_of_python(lasting_files: Stack, route: tuple[str, str, str]) -> None:
    name, method, path = route
    caller = Caller(handler=SERVICES[name].handler)
    for body in spoilt(BODIES[route]):
        response = caller.send(method, SERVICES[name].prefix + path.format_map(NAMED), body)
        assert response.status < 500, body
        for text in texts(response.json):
            assert not PYTHON.search(said(text)), (body, text)
            assert not any(pattern in text for pattern in WORDS), (body, text)


QUERIES = [route for route in ROUTES if route[1] == "GET" and route[2] not in {"/health", "/confirm", "/unsubscribe"}]
PARAMETERS = (
    "limit",
    "cursor",
    "offset",
    "days",
    "hours",
    "start_date",
    "date",
    "type",
    "outcome",
    "labelled",
    "source",
)
FEWER = ("source", "account", "sort", "transaction_id", "status", "level", "service", "since", "severity", "label", "x")


@pytest.mark.parametrize("route", QUERIES, ids=" ".join)
def test_no_fault_of_a_parameter_speaks_of_python(lasting_files: Stack, route: tuple[str, str, str]) -> None:
    name, method, path = route
    caller = Caller(handler=SERVICES[name].handler)
    where = SERVICES[name].prefix + path.format_map(NAMED)
    for parameter in (*PARAMETERS, *FEWER):
        for value in ("", "-1", "1.5", "nothing", "x" * 3000, "%00", "2026-02-30", "true,false"):
            response = caller.send(method, f"{where}?{parameter}={value}")
            assert response.status < 500, (parameter, value)
            for text in texts(response.json) if response.status >= 400 else ():
                assert not PYTHON.search(said(text)), text
                assert "found an object" not in text


@pytest.mark.parametrize(
    ("query", "pointer", "names"),
    [
        ("start_date=2026-12-01&end_date=2026-11-01", "?start_date", ["start_date", "end_date"]),
        ("cursor=x&offset=1", "?cursor", ["cursor", "offset"]),
        ("sort=expected_loss", "?sort", ["sort", "outcome", "labelled"]),
    ],
)
def test_a_fault_between_two_parameters_names_both_and_points_at_the_first(
    lasting_files: Stack, query: str, pointer: str, names: list[str]
) -> None:
    response = Caller(handler=database).send("GET", f"{LIST}?{query}")
    [fault] = response.json["errors"]
    assert (response.status, fault["pointer"]) == (400, pointer)
    assert all(name in fault["detail"] for name in names)
    assert "found" not in response.json["detail"]


def test_the_old_list_too_starts_at_a_cursor_or_an_offset(lasting_files: Stack) -> None:
    response = Caller(handler=ingest).send("GET", "/api/v1/ingest/transactions?cursor=x&offset=1")
    assert (response.status, [fault["pointer"] for fault in response.json["errors"]]) == (400, ["?cursor"])


def test_a_body_in_another_encoding_is_refused_and_nothing_is_stored(lasting_files: Stack) -> None:
    for name in ("G\u00e4rtner", "G\u00f6rtner"):
        sent = json.dumps({"transactions": [README_TRANSACTION | {"nameOrig": name}]}, ensure_ascii=False)
        body = sent.encode("latin-1").decode(errors="replace")  # as API Gateway hands it over
        for response in (
            Caller().send_text("POST", "/api/v1/score", body),
            Caller().send_bytes("POST", "/api/v1/score", sent.encode("latin-1")),
        ):
            assert (response.status, response.json["code"]) == (400, "not_json")
            assert "not UTF-8" in response.json["detail"]
    assert Caller(handler=database).send("GET", f"{LIST}?account=G%E4rtner").status == 400
