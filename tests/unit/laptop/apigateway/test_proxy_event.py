"""The event a function sees, and the answer that is read from it."""

import base64
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.laptop.apigateway.api_key import IssuedKey
from infra.laptop.apigateway.http_request import HttpRequest
from infra.laptop.apigateway.proxy_event import proxy_event
from infra.laptop.apigateway.proxy_response import proxy_response
from infra.laptop.apigateway.request_context import RequestContext
from infra.laptop.apigateway.route import LambdaIntegration, Route, RouteMatch
from infra.laptop.apigateway.stage import stage
from infra.laptop.errors import RequestError
from infra.laptop.intrinsic import Resolver
from tests.stack import ROOT, template

AT = datetime(2026, 11, 24, 10, 0, 0, 123_000, tzinfo=UTC)
ROUTE = Route("/api/v1/model/{proxy+}", "ANY", key_required=True, integration=LambdaIntegration("ModelFunction", 11))
Headers = tuple[tuple[str, str], ...]


def exchange(
    query: str = "", headers: Headers = (), path: str = "/api/v1/model/a%2Fb", prefix: str = ""
) -> RequestContext:
    request = HttpRequest(
        "POST", prefix + path, query, (("host", "h.example:1"), *headers), "127.0.0.1", 8000, "HTTP/1.1"
    )
    made = RequestContext(request, stage(Resolver(template(), {})), path, request_id="r-1", at=AT)
    made.match = RouteMatch(ROUTE, (("proxy", "a%2Fb"),))
    made.key = IssuedKey("ScoreKey", "TEST_API_KEY", "the value of the key")
    return made


def event(body: bytes = b"", binary_types: tuple[str, ...] = (), **request: Any) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(proxy_event(exchange(**request), body, binary_types))
    return made


def test_the_event_has_the_fields_of_a_recorded_one() -> None:
    recorded = json.loads((ROOT / "events/model_api_score.json").read_text(encoding="utf-8"))
    made = event()
    assert made.keys() == recorded.keys()
    assert recorded["requestContext"].keys() <= made["requestContext"].keys()
    assert recorded["requestContext"]["identity"].keys() <= made["requestContext"]["identity"].keys()


def test_the_context_says_who_when_and_what() -> None:
    context = event()["requestContext"]
    assert context["identity"]["apiKeyId"] == "ScoreKey"
    assert context["identity"]["sourceIp"] == "127.0.0.1"
    assert context["requestId"] == "r-1"
    assert context["requestTime"] == "24/Nov/2026:10:00:00 +0000"
    assert context["requestTimeEpoch"] == 1795514400123
    assert (context["stage"], context["resourcePath"]) == ("dev", "/api/v1/model/{proxy+}")


def test_a_path_keeps_its_encoding_and_loses_only_the_stage() -> None:
    made = event(prefix="/dev")
    assert made["path"] == "/api/v1/model/a%2Fb"
    assert made["pathParameters"] == {"proxy": "a%2Fb"}
    assert made["requestContext"]["path"] == "/dev/api/v1/model/a%2Fb"


@pytest.mark.parametrize(
    ("query", "single", "multi"),
    [
        ("", None, None),
        ("a=1&a=2", {"a": "2"}, {"a": ["1", "2"]}),
        ("a", {"a": ""}, {"a": [""]}),
        ("a=&b=x%20y+z", {"a": "", "b": "x y z"}, {"a": [""], "b": ["x y z"]}),
        ("a%5B0%5D=%E2%82%AC", {"a[0]": "€"}, {"a[0]": ["€"]}),
        ("a=%zz&b=%", {"a": "%zz", "b": "%"}, {"a": ["%zz"], "b": ["%"]}),
        ("a=%FF", {"a": "\ufffd"}, {"a": ["\ufffd"]}),
        ("a=1;b=2", {"a": "1;b=2"}, {"a": ["1;b=2"]}),
        ("a=%00", {"a": "\x00"}, {"a": ["\x00"]}),
    ],
)
def test_the_query_is_decoded_and_the_last_of_a_repeated_name_counts(query: str, single: Any, multi: Any) -> None:
    made = event(query=query)
    assert made["queryStringParameters"] == single
    assert made["multiValueQueryStringParameters"] == multi


@given(st.lists(st.tuples(st.text(min_size=1), st.text())))
def test_whatever_query_a_client_encodes_the_function_reads_the_same(pairs: list[tuple[str, str]]) -> None:
    encodable = [(quote(name, errors="replace"), quote(value, errors="replace")) for name, value in pairs]
    query = "&".join(f"{name}={value}" for name, value in encodable)
    many = event(query=query)["multiValueQueryStringParameters"] or {}
    expected: dict[str, list[str]] = {}
    for name, value in parse_qsl(urlencode(pairs, errors="replace"), keep_blank_values=True):
        expected.setdefault(name, []).append(value)
    assert many == expected


def test_repeated_headers_are_all_there_and_the_last_counts() -> None:
    made = event(headers=(("accept", "a"), ("accept", "b")))
    assert made["headers"]["accept"] == "b"
    assert made["multiValueHeaders"]["accept"] == ["a", "b"]


@pytest.mark.parametrize("name", ["connection", "content-length", "transfer-encoding"])
def test_headers_between_two_hops_stay_between_them(name: str) -> None:
    assert name not in event(headers=((name, "x"),))["headers"]


def test_the_client_cannot_say_who_it_is_and_where_it_came_in() -> None:
    forged = (("x-forwarded-for", "10.0.0.1"), ("x-forwarded-port", "1"), ("x-forwarded-proto", "gopher"))
    headers = event(headers=forged)["headers"]
    assert headers["X-Forwarded-For"] == "10.0.0.1, 127.0.0.1"
    assert (headers["X-Forwarded-Port"], headers["X-Forwarded-Proto"]) == ("8000", "http")
    assert not headers.keys() & {name for name, _ in forged}


@given(st.lists(st.tuples(st.from_regex(r"x-[a-z]{1,5}", fullmatch=True), st.text(st.characters(max_codepoint=255)))))
def test_whatever_headers_a_client_sends_the_event_carries_them_all(headers: list[tuple[str, str]]) -> None:
    many = event(headers=tuple(headers))["multiValueHeaders"]
    for name in {name for name, _ in headers}:
        assert many[name] == [value for one, value in headers if one == name]


@pytest.mark.parametrize(
    ("body", "text"), [(b"", None), (b"{}", "{}"), ("€".encode(), "€"), (b"a\xffb", "a\ufffdb"), (b"\x00", "\x00")]
)
def test_a_body_is_text_where_the_api_names_no_binary_types(body: bytes, text: str | None) -> None:
    made = event(body)
    assert (made["body"], made["isBase64Encoded"]) == (text, False)


@pytest.mark.parametrize("media_type", ["image/png", "IMAGE/PNG; q=1"])
def test_a_body_of_a_binary_type_is_base64(media_type: str) -> None:
    made = event(b"\x89PNG", ("image/*",), headers=(("content-type", media_type),))
    assert made["isBase64Encoded"]
    assert base64.b64decode(made["body"]) == b"\x89PNG"


def response(**found: Any) -> tuple[int, dict[str, str], bytes]:
    answer = proxy_response(json.dumps(found).encode(), None, ("image/*",))
    return answer.status, dict(answer.headers), answer.body


def test_an_answer_is_json_and_ok_unless_it_says_otherwise() -> None:
    assert response(body="{}") == (200, {"content-type": "application/json"}, b"{}")


def test_a_status_may_be_a_number_in_a_string() -> None:
    assert response(statusCode="404")[0] == 404


def test_a_header_in_both_forms_counts_with_its_many_values() -> None:
    found = {"headers": {"X-A": "1", "X-B": "2"}, "multiValueHeaders": {"x-a": ["3", "4"]}}
    answer = proxy_response(json.dumps(found).encode(), None, ())
    assert [pair for pair in answer.headers if pair[0].lower().startswith("x-")] == [
        ("X-B", "2"),
        ("x-a", "3"),
        ("x-a", "4"),
    ]


def test_the_length_is_never_the_functions_to_say() -> None:
    assert "Content-Length" not in response(headers={"Content-Length": "5"})[1]


def test_base64_is_decoded_where_the_api_takes_the_answer_for_binary() -> None:
    found = {"headers": {"Content-Type": "image/png"}, "body": base64.b64encode(b"\x89PNG").decode()}
    assert response(**found, isBase64Encoded=True)[2] == b"\x89PNG"
    assert response(**found, isBase64Encoded=False)[2] == found["body"].encode()  # type: ignore[attr-defined]


def test_base64_goes_out_as_it_is_where_the_api_names_no_such_type() -> None:
    assert response(headers={"Content-Type": "font/woff"}, body="AAAA", isBase64Encoded=True)[2] == b"AAAA"


@pytest.mark.parametrize(
    "given_back",
    [
        b"",
        b"no JSON",
        b"null",
        b"[]",
        b'"text"',
        b"\xff",
        b"[" * 100_000,
        b'{"statusCode": 200, "cookies": []}',
        b'{"errorMessage": "it broke", "errorType": "ValueError"}',
        b'{"statusCode": "abc"}',
        b'{"statusCode": true}',
        b'{"statusCode": 99}',
        b'{"statusCode": 101}',
        b'{"statusCode": 600}',
        b'{"statusCode": 200.5}',
        b'{"body": {}}',
        b'{"body": "\\ud800"}',
        b'{"headers": []}',
        b'{"headers": {"X": 1}}',
        b'{"headers": {"X": null}}',
        b'{"headers": {"X": "a\\r\\nSet-Cookie: b"}}',
        b'{"headers": {"X": "\\ud800"}}',
        b'{"headers": {"X Y": "a"}}',
        b'{"headers": {"": "a"}}',
        b'{"multiValueHeaders": {"X": "a"}}',
        b'{"headers": {"Content-Type": "image/png"}, "body": "no base64!", "isBase64Encoded": true}',
    ],
)
def test_an_answer_of_another_shape_is_malformed(given_back: bytes) -> None:
    with pytest.raises(RequestError):
        proxy_response(given_back, None, ("image/*",))
