"""What the ingest and database services do with what is no transaction, no label and no prediction."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.database import app as database
from functions.ingest import app as ingest
from tests.caller import Caller
from tests.conftest import README_TRANSACTION
from tests.integration.api.test_bad_input import FLOODS, LAMBDA_ANSWER_BYTES, REJECTED, json_values, score_text
from tests.stack import Stack

INGEST = "/api/v1/ingest/ingest"
HANDLERS = {"ingest": ingest.lambda_handler, "database": database.lambda_handler}
ROUTES = [
    ("POST", INGEST),
    ("POST", "/api/v1/ingest/score"),
    ("POST", "/api/v1/database/transactions"),
    ("POST", "/api/v1/database/predictions"),
    ("POST", "/api/v1/database/labels"),
    ("PUT", "/api/v1/database/transactions/t/label"),
]
bounded = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
near_misses = st.builds(
    lambda name, value: {"transaction": README_TRANSACTION | {name: value}},
    st.sampled_from([*README_TRANSACTION, "occurred_at"]),
    st.booleans() | st.lists(st.integers()) | st.floats(max_value=-1e16) | st.just("\ud800"),  # -1 is an overdraft
)


def caller(path: str) -> Caller:
    return Caller("AdminKey", handler=HANDLERS[path.split("/")[3]])


def left(stack: Stack) -> list[Any]:
    return [*stack.items(), *stack.messages(stack.ingest)]


@pytest.mark.parametrize("case", REJECTED)
def test_a_transaction_that_cannot_be_read_is_not_queued(lasting_stack: Stack, case: str) -> None:
    changes, field = REJECTED[case]
    response = caller(INGEST).send_text("POST", INGEST, score_text(**changes))
    assert response.status == 422
    assert [fault["pointer"] for fault in response.json["rejected"][0]["errors"]] == [f"/transactions/0/{field}"]
    assert left(lasting_stack) == []


@bounded
@given(body=json_values | near_misses, route=st.sampled_from(ROUTES))
def test_no_json_value_makes_it_fail_or_leaves_a_trace(lasting_stack: Stack, body: Any, route: tuple[str, str]) -> None:
    method, path = route
    response = caller(path).send(method, path, body)
    assert 400 <= response.status < 500
    assert left(lasting_stack) == []


@bounded
@given(body=st.binary(max_size=200), route=st.sampled_from(ROUTES))
def test_no_bytes_make_it_fail_or_leave_a_trace(lasting_stack: Stack, body: bytes, route: tuple[str, str]) -> None:
    method, path = route
    response = caller(path).send_bytes(method, path, body)
    assert 400 <= response.status < 500
    assert left(lasting_stack) == []


@pytest.mark.parametrize("flood", FLOODS)
def test_the_answer_to_a_flood_of_faults_fits_into_lambda(lasting_stack: Stack, flood: str) -> None:
    body = json.dumps({"transactions": FLOODS[flood]}, ensure_ascii=False, separators=(",", ":"))
    response = caller(INGEST).send_text("POST", INGEST, body)
    assert (response.status, left(lasting_stack)) == (422, [])
    assert response.size < LAMBDA_ANSWER_BYTES
