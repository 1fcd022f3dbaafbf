"""SQS cannot be reached, or takes only some: nothing is promised that is not queued, and the response comes in time."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from fraudshield.aws import client
from fraudshield.budget import REQUEST_S
from fraudshield.ingest import wiring as ingest_wiring
from functions.ingest import app
from tests.caller import ApiResponse, Caller
from tests.stack import Stack
from tests.timeouts import TIMES

INGEST = "/api/v1/ingest/ingest"
# One transaction, whatever fails, and what a loaded machine adds of its own; without the promise it would be a minute.
PROMISE_S = TIMES * 2.5
CALL_S = TIMES * REQUEST_S
CLIENT = Caller("ScoreKey", handler=app.lambda_handler)

Sent = Callable[..., dict[str, Any]]


@pytest.fixture
def queue_gone(stack: Stack, fault: str, told: Callable[..., None]) -> Stack:
    """Sends SQS's requests to the fault."""
    told(AWS_ENDPOINT_URL_SQS=fault, INGEST_QUEUE_URL=f"{fault}/123456789012/IngestQueue")
    client.sqs()
    ingest_wiring.ingest_queue()
    ingest_wiring.quality_ledger()
    client.dynamodb()
    return stack


def timed(body: Any) -> tuple[ApiResponse, float]:
    started = time.monotonic()
    return CLIENT.send("POST", INGEST, body), time.monotonic() - started


def test_one_transaction_is_refused_in_time(queue_gone: Stack, sent: Sent) -> None:
    response, took = timed({"transaction": sent()})
    assert (response.status, response.json["code"], response.headers["retry-after"]) == (503, "queue_unavailable", "5")
    assert took < PROMISE_S


def test_a_full_request_is_refused_inside_its_deadline(queue_gone: Stack, sent: Sent) -> None:
    response, took = timed({"transactions": [sent(transaction_id=f"t{i}") for i in range(1000)]})
    assert (response.status, response.json["code"]) == (503, "queue_unavailable")
    assert took < CALL_S


def test_what_is_bad_is_still_said(queue_gone: Stack) -> None:
    response, took = timed({"transactions": [{}]})
    assert (response.status, response.json["status"]) == (422, "rejected")
    assert took < PROMISE_S


def test_what_is_scored_at_once_needs_no_queue(queue_gone: Stack, sent: Sent) -> None:
    response = CLIENT.send("POST", "/api/v1/ingest/score", {"transactions": [sent()]})
    assert response.json["results"][0]["persisted"] is True


def lead_some_to(url: str, *names: str) -> None:
    """From now on requests to SQS that have one of `names` in them go elsewhere."""

    def lead(request: Any, **_: object) -> None:
        if any(name in str(request.data) for name in names):
            request.url = url

    client.sqs().meta.events.register("before-sign.sqs", lead)


def test_half_a_request_is_queued_and_the_other_half_told(stack: Stack, fault: str, sent: Sent) -> None:
    lead_some_to(fault, "late-")
    names = [f"{'late' if i // 10 % 2 else 'soon'}-{i}" for i in range(40)]
    response, took = timed({"transactions": [sent(transaction_id=name) for name in names]})
    soon, late = ([name for name in names if name.startswith(kind)] for kind in ("soon", "late"))
    queued = [json.loads(body)["transaction"]["transaction_id"] for body in stack.messages(stack.ingest)]
    assert (response.status, response.json["status"]) == (202, "partial")
    assert sorted(queued) == sorted(response.json["transaction_ids"]) == sorted(soon)
    assert [one["transaction_id"] for one in response.json["rejected"]] == late
    assert {one["errors"][0]["code"] for one in response.json["rejected"]} == {"queue_unavailable"}
    assert took < CALL_S


def test_what_was_refused_can_be_sent_again(stack: Stack, sent: Sent, told: Callable[..., None]) -> None:
    lead_some_to("http://127.0.0.1:9", "test_123")
    assert timed({"transaction": sent()})[0].status == 503
    told()
    assert timed({"transaction": sent()})[0].status == 202
    assert len(stack.messages(stack.ingest)) == 1
