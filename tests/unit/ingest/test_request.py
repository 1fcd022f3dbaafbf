"""Each transaction of a request is queued once, or refused with a reason."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from fraudshield.errors import InvalidInput, Malformed, QueueUnavailable
from fraudshield.ingest.request import IngestCommand, read_ingest_request
from fraudshield.ingest.response import IngestResponse, ingest_response
from fraudshield.text import strict_json
from tests.fake_event_types import BUILT_IN_ONLY
from tests.fakes import NOW, FakeIngestQueue

Sent = Callable[..., dict[str, Any]]


def read(body: object) -> IngestCommand:
    return read_ingest_request(strict_json.parse(json.dumps(body).encode()), 1000, BUILT_IN_ONLY)


def taken(queue: FakeIngestQueue, **body: Any) -> IngestResponse:
    call = read(body)
    return ingest_response(call.put(queue, NOW, "a-request", 0.0), call.single, NOW, "a-request")


def faults(response: IngestResponse) -> dict[int, list[tuple[str, str]]]:
    """Pointer and code of each fault, by the position of its transaction."""
    return {one["index"]: [(f["pointer"], f["code"]) for f in one["errors"]] for one in response["rejected"]}


def names(queue: FakeIngestQueue) -> list[str]:
    return [one.transaction.transaction_id for one in queue.queued]


@pytest.fixture
def queue() -> FakeIngestQueue:
    return FakeIngestQueue()


def test_one_transaction_is_queued_under_its_id(queue: FakeIngestQueue, sent: Sent) -> None:
    response = taken(queue, transaction=sent())
    assert (response["status"], response["transaction_id"]) == ("success", "test_123")
    assert response["transaction_ids"] == names(queue) == ["test_123"]
    assert (response["ingested_at"], response["request_id"]) == ("2026-11-24T10:00:00Z", "a-request")
    assert (queue.queued[0].received_at, queue.queued[0].request_id) == (NOW, "a-request")


def test_an_id_that_is_made_here_is_told(queue: FakeIngestQueue, sent: Sent) -> None:
    nameless = {name: value for name, value in sent().items() if name != "transaction_id"}
    response = taken(queue, transactions=[nameless, nameless])
    assert len(set(response["transaction_ids"])) == 2
    assert response["transaction_ids"] == names(queue)
    assert "transaction_id" not in response


def test_the_good_of_a_list_are_queued_and_the_bad_come_back(queue: FakeIngestQueue, sent: Sent) -> None:
    response = taken(
        queue,
        transactions=[
            sent(transaction_id="a"),
            sent(transaction_id="b", type="REFUND"),
            None,
            sent(transaction_id="c"),
        ],
    )
    assert (response["status"], response["transaction_ids"]) == ("partial", ["a", "c"])
    assert faults(response) == {
        1: [("/transactions/1/type", "literal_error")],
        2: [("/transactions/2", "model_type")],
    }
    assert [one["transaction_id"] for one in response["rejected"]] == ["b", None]
    assert (response["quality"]["accepted"], response["quality"]["rejected"]) == (2, 2)


def test_when_all_are_bad_nothing_is_queued(queue: FakeIngestQueue, sent: Sent) -> None:
    response = taken(queue, transactions=[{}, sent(amount=-1)])
    assert (response["status"], response["transaction_ids"], queue.queued) == ("rejected", [], [])
    assert faults(response).keys() == {0, 1}


def test_a_bad_single_one_is_refused_at_its_fields(queue: FakeIngestQueue, sent: Sent) -> None:
    with pytest.raises(InvalidInput) as refused:
        taken(queue, transaction=sent(amount=-1))
    assert queue.queued == []
    assert (refused.value.code, [fault.pointer for fault in refused.value.faults]) == (
        "invalid_transaction",
        ["/transaction/amount"],
    )


def test_a_repeat_inside_one_request_is_queued_once_and_flagged(queue: FakeIngestQueue, sent: Sent) -> None:
    response = taken(queue, transactions=[sent(), sent(amount=1000), sent(transaction_id="b")])
    assert response["transaction_ids"] == names(queue) == ["test_123", "b"]
    assert response["quality"]["flagged"] == [{"transaction_id": "test_123", "flags": ["duplicate"]}]
    assert response["status"] == "success"


def test_another_content_under_an_id_of_the_same_request_is_refused_at_once(queue: FakeIngestQueue, sent: Sent) -> None:
    response = taken(queue, transactions=[sent(), sent(amount=1), sent()])
    assert response["transaction_ids"] == names(queue) == ["test_123"]
    assert faults(response) == {1: [("/transactions/1/transaction_id", "transaction_conflict")]}


def test_flags_are_told_of_what_was_taken(queue: FakeIngestQueue, sent: Sent) -> None:
    response = taken(queue, transactions=[sent(transaction_id="a", amount=0, newbalanceOrig=5000), sent()])
    assert response["quality"]["flagged"] == [{"transaction_id": "a", "flags": ["zero_amount"]}]


def test_what_could_not_be_queued_is_to_be_sent_again(queue: FakeIngestQueue, sent: Sent) -> None:
    queue.refused = {"b"}
    response = taken(queue, transactions=[sent(transaction_id=name) for name in "abc"])
    assert (response["status"], response["transaction_ids"]) == ("partial", ["a", "c"])
    assert faults(response) == {1: [("/transactions/1/transaction_id", "queue_unavailable")]}
    assert response["rejected"][0]["transaction_id"] == "b"


@pytest.mark.parametrize("bad", [[], [{}]], ids=["all good", "one bad"])
def test_when_nothing_could_be_queued_the_request_fails(queue: FakeIngestQueue, sent: Sent, bad: list[Any]) -> None:
    queue.down = True
    with pytest.raises(QueueUnavailable, match=r"^2 transactions"):
        taken(queue, transactions=[sent(transaction_id="a"), sent(transaction_id="b"), *bad])


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (None, "malformed"),
        ([], "malformed"),
        ({}, "malformed"),
        ({"transactions": []}, "malformed"),
        ({"transactions": {}}, "malformed"),
        ({"transactions": [{}], "transaction": {}}, "malformed"),
        ({"transaction": {}, "store": False}, "malformed"),
        ({"type": "PAYMENT"}, "malformed"),
        ({"transactions": [{}] * 1001}, "too_many_transactions"),
    ],
)
def test_a_body_of_another_shape_is_malformed(body: object, code: str) -> None:
    with pytest.raises(Malformed) as refused:
        read(body)
    assert refused.value.code == code


def test_a_full_request_is_taken(queue: FakeIngestQueue, sent: Sent) -> None:
    assert (
        len(taken(queue, transactions=[sent(transaction_id=f"t{i}") for i in range(1000)])["transaction_ids"]) == 1000
    )
