"""The gateway over real HTTP, with functions that do as the test says."""

import asyncio
import gzip
import json
import socket
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from infra.laptop.apigateway.access_log import AccessLog
from infra.laptop.apigateway.http_request import MAX_BODY_BYTES
from infra.laptop.awslambda.invocation import FunctionResponse, exited, throttled
from infra.laptop.errors import SetupError
from infra.laptop.process.asgi_server import bind
from infra.laptop.template import Template
from tests.gateway_server import ADMIN, ANALYST, SCORE, ServedGateway, listening, proxy, send, served_gateway
from tests.stack import template

PATH = "/api/v1/score"
PREFLIGHT = {"Origin": "https://a.example", "Access-Control-Request-Method": "POST"}
FIELDS = {"type", "title", "status", "detail", "instance", "code", "request_id", "errors", "error", "message"}


@pytest.fixture
def echoing() -> Iterator[tuple[int, ServedGateway]]:
    """A gateway whose functions answer with their event."""
    here = served_gateway()
    with listening(lambda _: here.gateway) as port:
        yield port, here


def test_a_request_with_a_key_reaches_the_routes_function_as_an_event(echoing: tuple[int, ServedGateway]) -> None:
    port, here = echoing
    reply = send(port, "POST", f"{PATH}?a=1", SCORE, b'{"transactions": []}')
    assert reply.status == 200
    assert here.runtime.functions == ["ModelFunction"]
    event = reply.json()
    assert (event["path"], event["body"]) == (PATH, '{"transactions": []}')
    assert event["queryStringParameters"] == {"a": "1"}
    assert event["requestContext"]["identity"]["apiKeyId"] == "ScoreKey"
    assert event["requestContext"]["requestId"] == reply.headers["x-amzn-requestid"]


@pytest.mark.parametrize("prefix", ["", "/dev"])
def test_the_stage_is_served_at_the_root_and_under_its_name(echoing: tuple[int, ServedGateway], prefix: str) -> None:
    port, _ = echoing
    event = send(port, "GET", f"{prefix}/api/v1/model/health", SCORE).json()
    assert event["path"] == "/api/v1/model/health"
    assert event["requestContext"]["path"] == f"{prefix}/api/v1/model/health"


@pytest.mark.parametrize("headers", [{}, {"X-API-Key": ""}, {"X-API-Key": "wrong"}, {"X-API-Key": "x" * 5000}])
def test_a_missing_or_wrong_key_is_refused_and_reaches_no_function(
    echoing: tuple[int, ServedGateway], headers: dict[str, str]
) -> None:
    port, here = echoing
    reply = send(port, "POST", PATH, headers)
    assert (reply.status, reply.json()["code"]) == (403, "key_refused")
    assert here.runtime.events == []


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/nowhere"), ("TRACE", PATH), ("GET", "//api/v1/score"), ("GET", "/deva")],
)
def test_an_unknown_path_or_method_is_not_found(echoing: tuple[int, ServedGateway], method: str, path: str) -> None:
    port, here = echoing
    reply = send(port, method, path, ADMIN)
    assert (reply.status, reply.json()["code"]) == (404, "not_found")
    assert here.runtime.events == []


def test_an_unknown_path_with_an_authorization_header_is_taken_for_a_bad_signature(
    echoing: tuple[int, ServedGateway],
) -> None:
    port, _ = echoing
    reply = send(port, "GET", "/nowhere", {"Authorization": "Bearer x"})
    assert reply.headers["x-amzn-errortype"] == "InvalidSignatureException"


@pytest.mark.parametrize(("more", "status"), [(9_000, 404), (10_240, 400)])
def test_a_head_over_10240_bytes_is_refused(echoing: tuple[int, ServedGateway], more: int, status: int) -> None:
    port, _ = echoing
    assert send(port, "GET", "/nowhere", {"X": "x" * more}).status == status


def test_a_preflight_needs_no_key_and_reaches_no_function(echoing: tuple[int, ServedGateway]) -> None:
    port, here = echoing
    reply = send(port, "OPTIONS", PATH, PREFLIGHT)
    assert reply.status == 200
    assert reply.headers["access-control-allow-origin"] == "https://a.example"
    assert "X-API-Key" in reply.headers["access-control-allow-headers"]
    assert here.runtime.events == []


def test_a_refusal_is_a_problem_document_that_a_page_of_an_allowed_origin_can_read(
    echoing: tuple[int, ServedGateway],
) -> None:
    port, _ = echoing
    reply = send(port, "POST", PATH)
    assert reply.json().keys() == FIELDS
    assert reply.json()["request_id"] == reply.headers["x-amzn-requestid"]
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.headers["access-control-allow-origin"] == "https://a.example"


def test_a_burst_over_the_plan_is_429_with_retry_after_and_other_keys_are_unaffected() -> None:
    here = served_gateway(parameters={"PlanBurstLimit": "5", "PlanRateLimit": "0.001"})
    with listening(lambda _: here.gateway) as port, ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: send(port, "POST", PATH, ANALYST), range(12)))
        assert sorted(reply.status for reply in replies) == [200] * 5 + [429] * 7
        refused = next(reply for reply in replies if reply.status == 429)
        assert (refused.json()["code"], refused.headers["retry-after"]) == ("throttled", "1")
        assert send(port, "POST", PATH, SCORE).status == 200
        assert send(port, "POST", PATH, ADMIN).status == 200


def test_a_quota_that_is_used_up_is_429_of_its_own_code() -> None:
    limited: Template = deepcopy(template())
    limited["Resources"]["ScorePlan"]["Properties"]["Quota"] = {"Limit": 1, "Period": "MONTH"}
    here = served_gateway(over=limited)
    with listening(lambda _: here.gateway) as port:
        assert send(port, "POST", PATH, SCORE).status == 200
        reply = send(port, "POST", PATH, SCORE)
    assert (reply.status, reply.json()["code"], reply.headers["retry-after"]) == (429, "quota_exceeded", "3600")


def responses(answer: FunctionResponse) -> ServedGateway:
    async def act(_: dict[str, Any]) -> FunctionResponse:
        return answer

    return served_gateway(act)


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [
        (exited("r-1", -9), 502, "bad_gateway"),
        (FunctionResponse.failure("ValueError", "the function's own words"), 502, "bad_gateway"),
        (FunctionResponse(b"not JSON"), 502, "bad_gateway"),
        (proxy(more="than allowed"), 502, "bad_gateway"),
        (throttled(), 502, "bad_gateway"),
        (FunctionResponse.failure("RequestTooLargeException", "too large"), 413, "too_large"),
    ],
)
def test_a_function_that_fails_gives_what_api_gateway_says_and_nothing_of_its_own(
    answer: FunctionResponse, status: int, code: str
) -> None:
    with listening(lambda _: responses(answer).gateway) as port:
        reply = send(port, "POST", PATH, SCORE)
    assert (reply.status, reply.json()["code"]) == (status, code)
    assert b"own words" not in reply.body


def test_a_function_that_is_too_slow_is_504_and_the_next_request_works() -> None:
    quick: Template = deepcopy(template())
    method = quick["Resources"]["Api"]["Properties"]["Body"]["paths"][PATH]["x-amazon-apigateway-any-method"]
    method["x-amazon-apigateway-integration"]["timeoutInMillis"] = 50
    released = asyncio.Event()

    async def slow(event: dict[str, Any]) -> FunctionResponse:
        if event["body"] == "slow":
            await released.wait()
        return proxy()

    here = served_gateway(slow, over=quick)
    with listening(lambda _: here.gateway) as port:
        reply = send(port, "POST", PATH, SCORE, b"slow")
        assert (reply.status, reply.json()["code"]) == (504, "gateway_timeout")
        assert send(port, "POST", PATH, SCORE, b"quick").status == 200
    assert here.served[0].ms < 2_500  # far over 50, far under any other limit
    assert [json.loads(one.line)["integration_status"] for one in here.served] == ["-", "200"]


@pytest.mark.parametrize(("over", "status"), [(0, 200), (1, 413)])
def test_a_request_may_have_10_megabytes(over: int, status: int) -> None:
    async def count(event: dict[str, Any]) -> FunctionResponse:
        return proxy(body=str(len(event["body"])))

    with listening(lambda _: served_gateway(count).gateway) as port:
        assert send(port, "POST", PATH, SCORE, b"x" * (MAX_BODY_BYTES + over)).status == status


def test_what_the_function_answers_goes_out_as_it_said() -> None:
    answer = proxy(201, "made", headers={"X-One": "1"}, multiValueHeaders={"Content-Type": ["text/plain"]})
    with listening(lambda _: responses(answer).gateway) as port:
        reply = send(port, "POST", PATH, SCORE)
    assert (reply.status, reply.body) == (201, b"made")
    assert (reply.headers["x-one"], reply.headers["content-type"]) == ("1", "text/plain")


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_that_may_have_no_body_has_none(status: int) -> None:
    with listening(lambda _: responses(proxy(status, "unexpected")).gateway) as port:
        reply = send(port, "GET", PATH, SCORE)
    assert (reply.status, reply.body) == (status, b"")


def test_a_head_request_is_answered_without_a_body(echoing: tuple[int, ServedGateway]) -> None:
    port, _ = echoing
    reply = send(port, "HEAD", PATH, SCORE)
    assert (reply.status, reply.body) == (200, b"")
    assert int(reply.headers["content-length"]) > 0


def test_each_request_is_logged_once_in_the_templates_format_and_without_the_keys_value(tmp_path: Path) -> None:
    here = served_gateway()
    with listening(lambda _: here.gateway) as port:
        send(port, "POST", f"{PATH}?secret=1", SCORE)
        send(port, "GET", "/nowhere")
    log = AccessLog(tmp_path / "logs" / "access.log")
    for one in here.served:
        log.write(one)
    log.close()
    written = (tmp_path / "logs" / "access.log").read_text(encoding="utf-8")
    first, second = map(json.loads, written.splitlines())
    assert (first["method"], first["route"], first["status"]) == ("POST", PATH, "200")
    assert (first["api_key_id"], first["error"], first["integration_status"]) == ("ScoreKey", "-", "200")
    assert (second["status"], second["error"], second["route"]) == ("404", "MISSING_AUTHENTICATION_TOKEN", "-")
    assert "secret" not in written
    assert SCORE["X-API-Key"] not in written


def test_what_is_said_of_a_request_has_the_path_without_the_query_and_the_keys_name() -> None:
    here = served_gateway()
    with listening(lambda _: here.gateway) as port:
        send(port, "POST", f"{PATH}?secret=1", SCORE)
    [said] = here.served
    assert (said.method, said.path, said.status, said.key) == ("POST", PATH, 200, "TEST_API_KEY")


def raw(port: int, request: bytes) -> bytes:
    """The first answer to these very bytes, as far as its head; empty when the server closes without one."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(request)
        head = b""
        while b"\r\n\r\n" not in head and (more := connection.recv(65536)):
            head += more
        return head


KEY = b"X-API-Key: score-key-of-the-tests\r\n"
TO_SCORE = b"POST /api/v1/score HTTP/1.1\r\nHost: a\r\n" + KEY
ODD = [
    ("no host", b"GET /api/v1/score HTTP/1.1\r\n" + KEY + b"\r\n", b"400"),
    ("no host in 1.0", b"GET /api/v1/score HTTP/1.0\r\n" + KEY + b"\r\n", b"200"),
    ("absolute form", b"GET http://elsewhere.example/api/v1/score HTTP/1.1\r\nHost: a\r\n" + KEY + b"\r\n", b"200"),
    ("absolute form of a strange scheme", b"GET a+b://h/nowhere HTTP/1.1\r\nHost: a\r\n\r\n", b"404"),
    ("asterisk form", b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", b"404"),
    ("authority form", b"CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", b"404"),
    ("empty target", b"GET  HTTP/1.1\r\nHost: a\r\n\r\n", b"400"),
    ("dots", b"GET /api/v1/model/../../../etc/passwd HTTP/1.1\r\nHost: a\r\n" + KEY + b"\r\n", b"200"),
    ("bad percent-encoding", b"GET /api/v1/model/%zz%?%=%z HTTP/1.1\r\nHost: a\r\n" + KEY + b"\r\n", b"200"),
    ("percent-encoded NUL", b"GET /api/v1/model/%00?%00=%00 HTTP/1.1\r\nHost: a\r\n" + KEY + b"\r\n", b"200"),
    ("percent-encoded no UTF-8", b"GET /api/v1/model/%ff?%ff=%ff HTTP/1.1\r\nHost: a\r\n" + KEY + b"\r\n", b"200"),
    ("NUL in the target", b"GET /\x00 HTTP/1.1\r\nHost: a\r\n\r\n", b"400"),
    ("NUL in a header", b"GET / HTTP/1.1\r\nHost: a\r\nX: a\x00b\r\n\r\n", b"400"),
    ("non-ASCII header", b"GET /api/v1/score HTTP/1.1\r\nHost: a\r\n" + KEY + b"X: \xff\xfe\r\n\r\n", b"200"),
    ("non-ASCII target", "GET /ü HTTP/1.1\r\nHost: a\r\n\r\n".encode(), b"400"),
    ("huge header", b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 70_000 + b"\r\n\r\n", b"400"),
    ("huge target", b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", b"400"),
    ("many headers", b"GET /nowhere HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 5_000 + b"\r\n", b"404"),
    ("chunked", TO_SCORE + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", b"200"),
    ("bad chunk", TO_SCORE + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n", b"400"),
    ("two lengths", TO_SCORE + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", b"400"),
    ("negative length", TO_SCORE + b"Content-Length: -1\r\n\r\n", b"400"),
    ("both framings", TO_SCORE + b"Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"200"),
    ("vast length", TO_SCORE + b"Content-Length: 99999999999\r\n\r\n", b"413"),
    ("two keys", b"GET /api/v1/score HTTP/1.1\r\nHost: a\r\nX-API-Key: no\r\n" + KEY + b"\r\n", b"200"),
    ("upgrade", b"GET /x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", b"404"),
    ("no HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"400"),
    ("HTTP/9", b"GET /nowhere HTTP/9.9\r\nHost: a\r\n\r\n", b"404"),
]


@pytest.mark.parametrize(("request_bytes", "status"), [one[1:] for one in ODD], ids=[one[0] for one in ODD])
def test_an_odd_request_is_answered_and_never_with_a_5xx(
    echoing: tuple[int, ServedGateway], request_bytes: bytes, status: bytes
) -> None:
    port, _ = echoing
    found = raw(port, request_bytes).split(b" ", 2)
    assert (found[0], found[1]) == (b"HTTP/1.1", status)
    assert send(port, "POST", PATH, SCORE).status == 200


def test_a_client_that_hangs_up_in_its_body_disturbs_nobody(echoing: tuple[int, ServedGateway]) -> None:
    port, here = echoing
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(TO_SCORE + b"Content-Length: 100\r\n\r\nhalf")
    assert send(port, "POST", PATH, SCORE, b"whole").status == 200
    assert [event["body"] for event in here.runtime.events] == ["whole"]


def test_a_port_that_somebody_has_is_named() -> None:
    with bind(0) as listening_on, pytest.raises(SetupError, match=f"{listening_on.getsockname()[1]}"):
        bind(listening_on.getsockname()[1])


@pytest.mark.parametrize(("coding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_a_packed_body_is_unpacked_and_its_header_stays(
    echoing: tuple[int, ServedGateway], coding: str, pack: Callable[[bytes], bytes]
) -> None:
    port, _ = echoing
    event = send(port, "POST", PATH, SCORE | {"Content-Encoding": coding}, pack(b'{"transactions": []}')).json()
    assert (event["body"], event["isBase64Encoded"]) == ('{"transactions": []}', False)
    assert event["headers"]["content-encoding"] == coding


@pytest.mark.parametrize(("coding", "body"), [("br", b"{}"), ("gzip", b"{}"), ("gzip, gzip", b"{}")])
def test_a_body_that_cannot_be_unpacked_is_refused_with_what_can(
    echoing: tuple[int, ServedGateway], coding: str, body: bytes
) -> None:
    port, here = echoing
    reply = send(port, "POST", PATH, SCORE | {"Content-Encoding": coding}, body)
    assert (reply.status, reply.json()["code"]) == (415, "unsupported_media_type")
    assert reply.headers["accept-encoding"] == "gzip, deflate, identity"
    assert here.runtime.events == []


@pytest.mark.parametrize(
    ("path", "proxy"),
    [
        ("transactions/x%2Flabel", "transactions/x%2Flabel"),
        ("transactions/a%20b/", "transactions/a%20b"),
        ("transactions/%E2%82%AC+", "transactions/%E2%82%AC+"),
    ],
)
def test_segments_are_split_before_they_are_decoded(echoing: tuple[int, ServedGateway], path: str, proxy: str) -> None:
    port, _ = echoing
    event = send(port, "GET", f"/api/v1/database/{path}", SCORE).json()
    assert event["resource"] == "/api/v1/database/{proxy+}"
    assert event["path"] == f"/api/v1/database/{path}"
    assert event["pathParameters"] == {"proxy": proxy}


@pytest.mark.parametrize("path", ["/health", "/health/", "/openapi.json", "/"])
def test_head_is_get_without_a_body(echoing: tuple[int, ServedGateway], path: str) -> None:
    port, here = echoing
    reply = send(port, "HEAD", path)
    assert (reply.status, reply.body) == (200, b"")
    assert int(reply.headers["content-length"]) > 0
    assert here.runtime.events[-1]["httpMethod"] == "HEAD"
