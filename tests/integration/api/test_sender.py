"""What senders say in their headers: how the body is packed, their own id of the request, and who they are."""

import gzip
import json
import zlib
from collections.abc import Callable
from functools import partial
from urllib.parse import quote

import pytest

from fraudshield.api.request import MAX_BODY_BYTES
from fraudshield.errors import ConfigurationError
from functions.database import app as database
from functions.gateway import app as gateway
from functions.notification import app as notification
from tests.caller import HEALTH, INFO, POLICY, SCORE, ApiResponse, Caller
from tests.conftest import README_TRANSACTION
from tests.labelling import DATABASE
from tests.stack import Stack

gzip_of = partial(gzip.compress, mtime=0)  # the same bytes at any time: they are in the names of tests

BODY = json.dumps({"transactions": [README_TRANSACTION]}).encode()
RAW = zlib.compress(BODY)[2:-4]
THRESHOLDS = "/api/v1/notifications/thresholds"
ID = "c0ffee-1/2:3"


def packed(body: bytes, coding: str, path: str = SCORE) -> ApiResponse:
    return Caller(headers={"Content-Encoding": coding}).send_bytes("POST", path, body)


def asked(header: str, value: str, path: str = INFO) -> ApiResponse:
    return Caller(headers={header: value}).send("GET", path)


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (gzip_of(BODY), "gzip"),
        (zlib.compress(BODY), "deflate"),
        (RAW, "deflate"),
        (BODY, "gzip"),
        (BODY, ""),
    ],
)
def test_a_packed_call_is_scored(lasting_stack: Stack, body: bytes, coding: str) -> None:
    assert packed(body, coding).json["results"][0]["transaction_id"] == README_TRANSACTION["transaction_id"]


def test_a_packed_file_of_labels_is_read(lasting_stack: Stack) -> None:
    headers = {"Content-Encoding": "gzip", "Content-Type": "text/csv"}
    file = gzip_of(b"transaction_id,label\nnobody,fraud\n")
    response = Caller(headers=headers, handler=database.lambda_handler).send_bytes("POST", f"{DATABASE}/labels", file)
    assert [one["transaction_id"] for one in response.json["errors"]] == ["nobody"]


def test_another_coding_is_refused_with_those_that_are_taken(lasting_stack: Stack) -> None:
    response = packed(BODY, "br")
    assert (response.status, response.json["code"]) == (415, "unsupported_media_type")
    assert response.headers["accept-encoding"] == "gzip, deflate, identity"
    assert "br" in response.json["detail"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (gzip_of(BODY)[:-9], 400, "damaged"),
        (gzip_of(b"not json"), 400, "not_json"),
        (gzip_of(b""), 400, "not_json"),
        (gzip_of(bytes(MAX_BODY_BYTES + 1)), 413, "too_large"),
    ],
)
def test_what_is_wrong_with_a_packed_body_is_said(lasting_stack: Stack, body: bytes, status: int, code: str) -> None:
    response = packed(body, "gzip")
    assert (response.status, response.json["code"]) == (status, code)


@pytest.mark.parametrize("given", [ID, "!", "~" * 128])
@pytest.mark.parametrize("path", [INFO, HEALTH, "/nothing", f"{POLICY}?x=1"])
def test_the_callers_id_comes_back(lasting_stack: Stack, given: str, path: str) -> None:
    response = asked("X-Request-Id", given, path)
    assert response.headers["x-request-id"] == given
    assert response.json.get("request_id") != given


@pytest.mark.parametrize("given", ["", " ", "a b", "~" * 129, "é", "a\x00", "a\r\nSet-Cookie: b", "\ud800"])
def test_what_is_no_id_does_not(lasting_stack: Stack, written: Callable[[], str], given: str) -> None:
    response = asked("X-Request-Id", given)
    assert "x-request-id" not in response.headers
    assert "client_request_id" not in written()


def test_both_ids_stand_in_the_log(lasting_stack: Stack, written: Callable[[], str]) -> None:
    Caller(headers={"x-request-id": ID}).score(README_TRANSACTION)
    Caller().score(README_TRANSACTION)
    with_it, without = [json.loads(line) for line in written().splitlines() if '"message":"decision"' in line]
    assert (with_it["client_request_id"], with_it["request_id"]) == (ID, without["request_id"])
    assert "client_request_id" not in without


@pytest.mark.parametrize("given", ["%", "%zz", "%F0%9F", "%ED%A0%80", "é", "a%00", "a%0A", "a" * 65, "%EF%BF%BD"])
@pytest.mark.parametrize("path", [INFO, HEALTH])
def test_an_actor_that_cannot_be_read_is_refused(lasting_stack: Stack, given: str, path: str) -> None:
    response = asked("X-Actor", given, path)
    assert (response.status, response.json["code"]) == (400, "invalid_actor")


@pytest.mark.parametrize("name", ["Jürgen", "a b", "%", "字" * 64, ""])
def test_the_actor_stands_beside_the_key(stack: Stack, name: str) -> None:
    for stored in ("t", "u"):
        Caller().score(README_TRANSACTION | {"transaction_id": stored})
    spelled = {"X-Actor": quote(name)}
    analyst = Caller("AnalystKey", spelled, database.lambda_handler)
    file = Caller("AnalystKey", spelled | {"Content-Type": "text/csv"}, database.lambda_handler)
    one = analyst.send("PUT", f"{DATABASE}/transactions/t/label", {"label": "fraud"}).json["label"]
    assert file.send_text("POST", f"{DATABASE}/labels", "transaction_id,label\nu,fraud\n").json["labelled"] == 1
    other = analyst.send("GET", f"{DATABASE}/transactions/u/label").json["label"]
    change = {"based_on": 1, "thresholds": {"review": 0.1, "block": 0.5}}
    policy = Caller("AdminKey", spelled).send("PUT", POLICY, change).json
    told = Caller("AdminKey", spelled, notification.lambda_handler)
    thresholds = told.send("PUT", THRESHOLDS, {"based_on": 1}).json
    assert [shown.get("actor", "") for shown in (one, other, policy, thresholds)] == [name] * 4
    assert Caller().send("GET", POLICY).json == policy
    assert told.send("GET", THRESHOLDS).json == thresholds
    assert (one["by"], policy["created_by"]) == ("AnalystKey", "AdminKey")


def test_an_actor_opens_nothing(lasting_stack: Stack) -> None:
    response = Caller("ScoreKey", {"X-Actor": "AdminKey"}).send("GET", POLICY)
    assert (response.status, response.json["code"]) == (403, "scope_missing")


@pytest.mark.parametrize("origins", ["https://a.example/", "https://a.example/page", "a.example", "https://A.example"])
def test_an_origin_that_no_browser_sends_is_said_at_once(
    lasting_stack: Stack, told: Callable[..., None], origins: str
) -> None:
    told(CORS_ORIGINS=origins)
    health = Caller(None, handler=gateway.lambda_handler).send("GET", "/health")
    assert (health.status, health.json["status"]) == (503, "unhealthy")
    assert origins in health.json["detail"]
    response = Caller().send("GET", INFO)
    assert (response.status, response.json["code"]) == (503, ConfigurationError.code)
