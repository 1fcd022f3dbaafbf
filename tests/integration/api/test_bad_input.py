"""Bad input through the real handler: the answer that the contract names, never a 5xx, and nothing stored.

The stack lasts for all of it, because none of it may leave a trace for the next.
"""

import json
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.caller import EXPLAIN, HEALTH, POLICY, SCORE, ApiResponse, Caller
from tests.conftest import README_TRANSACTION
from tests.stack import Stack

LAMBDA_ANSWER_BYTES = 6_291_556  # more, and Lambda itself answers 502
PROBLEM = {"type", "title", "status", "detail", "instance", "code", "request_id", "errors", "error", "message"}


def score_text(**changes: str) -> str:
    """A scoring call as text, with members of its transaction spelled as given."""
    members = {name: json.dumps(value) for name, value in README_TRANSACTION.items()} | changes
    transaction = ", ".join(f"{json.dumps(name)}: {spelled}" for name, spelled in members.items())
    return f'{{"transactions": [{{{transaction}}}]}}'


def transactions(*items: Any, **more: Any) -> str:
    return json.dumps({"transactions": list(items)} | more)


def encoded(body: bytes) -> dict[str, Any]:
    return {"body": b64encode(body).decode(), "isBase64Encoded": True}


GOOD = score_text()


@dataclass(frozen=True, slots=True)
class Refused:
    """A request that is refused as a whole: what differs from a good one, and how it is answered."""

    status: int
    code: str
    body: str | None = GOOD
    method: str = "POST"
    path: str = SCORE
    frame: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def send(self) -> ApiResponse:
        return Caller(headers=self.headers).send_frame(self.method, self.path, **{"body": self.body, **self.frame})


REFUSED: dict[str, Refused] = {
    "no body": Refused(400, "not_json", None),
    "an empty body": Refused(400, "not_json", ""),
    "an empty encoded body": Refused(400, "not_json", frame=encoded(b"")),
    "a word": Refused(400, "not_json", "hello"),
    "half a body": Refused(400, "not_json", GOOD[:-1]),
    "UTF-16": Refused(400, "not_json", frame=encoded(GOOD.encode("utf-16"))),
    "UTF-16 without a mark": Refused(400, "not_json", frame=encoded(GOOD.encode("utf-16-be"))),
    "bytes that are no text": Refused(400, "not_json", frame=encoded(b"\xff\xfe\xfd")),
    "a byte order mark": Refused(400, "not_json", "\ufeff" + GOOD),
    "an encoded byte order mark": Refused(400, "not_json", frame=encoded(b"\xef\xbb\xbf" + GOOD.encode())),
    "100,000 arrays in each other": Refused(400, "not_json", "[" * 100_000),
    "100,000 arrays in a transaction": Refused(400, "not_json", score_text(amount="[" * 100_000 + "]" * 100_000)),
    "100,000 objects in each other": Refused(400, "not_json", '{"a":' * 100_000),
    "NaN as amount": Refused(400, "not_json", score_text(amount="NaN")),
    "Infinity as amount": Refused(400, "not_json", score_text(amount="Infinity")),
    "-Infinity as amount": Refused(400, "not_json", score_text(amount="-Infinity")),
    "an integer of 5,000 digits": Refused(400, "not_json", score_text(amount="1" * 5000)),
    "an exponent of 30 digits": Refused(400, "not_json", score_text(amount="1e" + "9" * 30)),
    "a raw NUL": Refused(400, "not_json", score_text(nameOrig='"a\x00b"')),
    "a raw lone surrogate": Refused(400, "not_json", score_text(nameOrig='"\ud800"')),
    "base64 that is cut off": Refused(400, "not_json", frame={"body": "e", "isBase64Encoded": True}),
    "base64 with an umlaut": Refused(400, "not_json", frame={"body": "ü===", "isBase64Encoded": True}),
    "a key twice at the top": Refused(400, "duplicate_key", '{"transactions": [1], "transactions": [2]}'),
    "a key twice in a transaction": Refused(400, "duplicate_key", GOOD.replace('"step"', '"amount"')),
    "a key twice, once escaped": Refused(400, "duplicate_key", GOOD.replace('"step"', '"\\u0061mount"')),
    "an array": Refused(400, "malformed", "[]"),
    "null": Refused(400, "malformed", "null"),
    "a number": Refused(400, "malformed", "1"),
    "an unknown field at the top": Refused(400, "malformed", transactions(README_TRANSACTION, currency="EUR")),
    "a lone surrogate as a field": Refused(400, "malformed", '{"\\ud800": 1}'),
    "a bare transaction": Refused(400, "malformed", json.dumps(README_TRANSACTION)),
    "no transactions": Refused(400, "malformed", "{}"),
    "empty transactions": Refused(400, "malformed", transactions()),
    "an object as transactions": Refused(400, "malformed", '{"transactions": {}}'),
    "null as transactions": Refused(400, "malformed", '{"transactions": null}'),
    "store as a text": Refused(400, "malformed", transactions(README_TRANSACTION, store="false")),
    "store as a number": Refused(400, "malformed", transactions(README_TRANSACTION, store=0)),
    "1,001 transactions": Refused(400, "too_many_transactions", transactions(*[README_TRANSACTION] * 1001, store=True)),
    "6 MB": Refused(413, "too_large", GOOD + " " * 6_000_000),
    "6 MB encoded": Refused(413, "too_large", frame=encoded(GOOD.encode() + b" " * 6_000_000)),
    "a byte over 1 MiB": Refused(413, "too_large", GOOD + " " * (1024 * 1024 + 1 - len(GOOD))),
    "6 MB that are not JSON": Refused(413, "too_large", "[" * 6_000_000),
    "GET": Refused(405, "method_not_allowed", None, "GET"),
    "DELETE": Refused(405, "method_not_allowed", GOOD, "DELETE"),
    "POST where GET belongs": Refused(405, "method_not_allowed", GOOD, path=HEALTH),
    "XML by its type": Refused(415, "unsupported_media_type", headers={"Content-Type": "application/xml"}),
    "a form by its type": Refused(
        415, "unsupported_media_type", headers={"Content-Type": "application/x-www-form-urlencoded"}
    ),
    "an empty type": Refused(415, "unsupported_media_type", headers={"Content-Type": ""}),
    "an unknown path": Refused(404, "not_found", path="/api/v1/model/nothing"),
    "another unknown path": Refused(404, "not_found", path="/nothing"),
    "a path with two slashes more": Refused(404, "not_found", path="/api/v1/score//"),
    "a path that begins alike": Refused(404, "not_found", path="/api/v1/modelscore"),
    "a path with a NUL": Refused(404, "not_found", path="/api/v1/%00"),
    "a path with half a character": Refused(404, "not_found", path="/api/v1/%ff"),
    "nothing to explain": Refused(400, "malformed", "{}", path=EXPLAIN),
    "too much to explain": Refused(
        400, "malformed", json.dumps({"transaction_id": "a", "transaction": README_TRANSACTION}), path=EXPLAIN
    ),
    "an id with a control character to explain": Refused(
        400, "malformed", '{"transaction_id": "\\u0000"}', path=EXPLAIN
    ),
    "a lone surrogate to explain": Refused(400, "malformed", '{"transaction_id": "\\ud800"}', path=EXPLAIN),
    "a bad transaction to explain": Refused(422, "invalid_transaction", '{"transaction": {}}', path=EXPLAIN),
    "an unknown id to explain": Refused(404, "not_found", '{"transaction_id": "nobody"}', path=EXPLAIN),
    "a policy that is no object": Refused(400, "malformed", "[]", "PUT", POLICY),
    "an empty policy": Refused(422, "invalid_policy", "{}", "PUT", POLICY),
    "a threshold of 400 digits": Refused(
        422, "invalid_policy", '{"based_on": 1, "thresholds": {"review": 1%s, "block": 1}}' % ("0" * 400), "PUT", POLICY
    ),
}

REJECTED: dict[str, tuple[dict[str, str], str]] = {
    "1e400 as amount": ({"amount": "1e400"}, "amount"),
    '"nan" as amount': ({"amount": '"nan"'}, "amount"),
    "true as amount": ({"amount": "true"}, "amount"),
    "null as amount": ({"amount": "null"}, "amount"),
    "a text as amount": ({"amount": '"1000"'}, "amount"),
    "a negative amount": ({"amount": "-0.01"}, "amount"),
    "39 digits": ({"amount": "1" * 39}, "amount"),
    "a number that no float64 of money is": ({"amount": "1e121"}, "amount"),
    "4,000 digits": ({"amount": "1" * 4000}, "amount"),
    "39 digits of balance": ({"oldbalanceOrg": "9" * 39}, "oldbalanceOrg"),
    "true as step": ({"step": "true"}, "step"),
    "half a step": ({"step": "0.5"}, "step"),
    "4,000 digits of step": ({"step": "1" * 4000}, "step"),
    "a lone surrogate as name": ({"nameOrig": '"\\ud800"'}, "nameOrig"),
    "NUL in a name": ({"nameDest": '"C\\u0000"'}, "nameDest"),
    "an empty name": ({"nameOrig": '""'}, "nameOrig"),
    "a name of 65 characters": ({"nameOrig": json.dumps("C" * 65)}, "nameOrig"),
    "an unknown type": ({"type": '"REFUND"'}, "type"),
    "an object as type": ({"type": "{}"}, "type"),
    "an unknown field": ({"currency": '"EUR"'}, "currency"),
    "an unknown field with a slash": ({"a/b": "1"}, "a~1b"),
    "an id of 129 characters": ({"transaction_id": json.dumps("t" * 129)}, "transaction_id"),
    "an empty id": ({"transaction_id": '""'}, "transaction_id"),
    "an id with a line break": ({"transaction_id": '"a\\nb"'}, "transaction_id"),
    "an id with NUL": ({"transaction_id": '"a\\u0000b"'}, "transaction_id"),
    "a lone surrogate as id": ({"transaction_id": '"\\udfff"'}, "transaction_id"),
    "a number as id": ({"transaction_id": "7"}, "transaction_id"),
    "null as id": ({"transaction_id": "null"}, "transaction_id"),
    "a time without an offset": ({"occurred_at": '"2026-11-24T10:00:00"'}, "occurred_at"),
    "a day that never was": ({"occurred_at": '"2026-02-30T10:00:00Z"'}, "occurred_at"),
    "a time before the epoch": ({"occurred_at": '"1969-12-31T23:59:59Z"'}, "occurred_at"),
}


def is_problem(response: ApiResponse) -> bool:
    told = response.json
    assert response.headers["content-type"] == "application/problem+json"
    assert told.keys() == PROBLEM
    assert told["status"] == response.status
    assert told["message"] == told["detail"]
    assert all(isinstance(told[name], str) and told[name] for name in PROBLEM - {"status", "errors"})
    assert all(fault.keys() == {"pointer", "detail", "code"} for fault in told["errors"])
    return True


@pytest.mark.parametrize("case", REFUSED)
def test_a_request_that_cannot_be_read_is_refused_and_nothing_is_stored(lasting_stack: Stack, case: str) -> None:
    refused = REFUSED[case]
    response = refused.send()
    assert is_problem(response)
    assert (response.status, response.json["code"]) == (refused.status, refused.code)
    assert lasting_stack.items() == []


@pytest.mark.parametrize("case", REJECTED)
def test_a_transaction_that_cannot_be_read_is_rejected_at_its_field(lasting_stack: Stack, case: str) -> None:
    changes, field_name = REJECTED[case]
    response = Caller().send_text("POST", SCORE, score_text(**changes))
    [entry] = response.json["results"]
    assert response.status == 422
    assert [fault["pointer"] for fault in entry["errors"]] == [f"/transactions/0/{field_name}"]
    assert (entry["risk"], entry["prediction"], entry["decision"], entry["persisted"]) == (None, None, None, False)
    assert entry["error"]
    assert lasting_stack.items() == []


@pytest.mark.parametrize("item", ["null", "1", "true", '"x"', "[]", "[[]]", "{}", '{"\\ud800": 1}'])
def test_an_item_that_is_no_transaction_is_rejected(lasting_stack: Stack, item: str) -> None:
    response = Caller().send_text("POST", SCORE, f'{{"transactions": [{item}]}}')
    assert response.status == 422
    assert response.json["results"][0]["errors"]
    assert lasting_stack.items() == []


def test_a_wrong_method_is_told_the_right_one(lasting_stack: Stack, caller: Caller) -> None:
    assert caller.send("GET", SCORE).headers["allow"] == "POST"
    assert caller.send("DELETE", POLICY).headers["allow"] == "GET, HEAD, PUT"


FLOODS = {
    "one transaction of unknown fields": [{str(i): 1 for i in range(90_000)}],
    "1,000 transactions of unknown fields": [{f"{'🙂' * 15}{i}": "\x7f" * 30 for i in range(10)}] * 1000,
    "1,000 empty transactions": [{}] * 1000,
}


@pytest.mark.parametrize("flood", FLOODS)
def test_the_answer_to_a_flood_of_faults_fits_into_lambda(lasting_stack: Stack, flood: str) -> None:
    body = json.dumps({"transactions": FLOODS[flood]}, ensure_ascii=False, separators=(",", ":"))
    response = Caller().send_text("POST", SCORE, body)
    assert response.status == 422
    assert response.size < LAMBDA_ANSWER_BYTES


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=12,
)
near_misses = st.builds(
    lambda name, value: {"transactions": [README_TRANSACTION | {name: value}], "store": False},
    st.sampled_from([*README_TRANSACTION, "occurred_at"]) | st.text(),
    json_values,
)
bounded = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@bounded
@given(body=json_values | near_misses, path=st.sampled_from([SCORE, EXPLAIN, POLICY]))
def test_no_json_value_makes_it_fail(lasting_stack: Stack, body: Any, path: str) -> None:
    response = Caller().send("PUT" if path == POLICY else "POST", path, body)
    assert response.status < 500
    assert lasting_stack.items() == []


@bounded
@given(body=st.binary(max_size=200), path=st.sampled_from([SCORE, EXPLAIN, POLICY]))
def test_no_bytes_make_it_fail(lasting_stack: Stack, body: bytes, path: str) -> None:
    response = Caller().send_bytes("PUT" if path == POLICY else "POST", path, body)
    assert 400 <= response.status < 500
    assert is_problem(response)
    assert lasting_stack.items() == []


@bounded
@given(body=st.text(alphabet=st.characters(), max_size=200), flag=st.booleans())
def test_no_text_makes_it_fail(lasting_stack: Stack, body: str, flag: bool) -> None:
    response = Caller().send_frame("POST", SCORE, body=body, isBase64Encoded=flag)
    assert 400 <= response.status < 500
    assert is_problem(response)
