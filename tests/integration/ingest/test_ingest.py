"""Transactions are accepted over HTTP, wait in the queue and are scored from it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ConnectionClosedError
from moto.sqs.models import SQSBackend

from fraudshield.aws import client
from fraudshield.scoring.dynamo_item import from_item
from functions.ingest import app, worker
from infra.laptop.moto.patch import PATCHES
from tests.caller import ApiResponse, Caller
from tests.stack import Stack

INGEST = "/api/v1/ingest/ingest"
NOWHERE = "http://127.0.0.1:9"  # the discard port: nobody listens
FRAME = json.loads((Path(__file__).parents[3] / "events/ingest_sqs_queued.json").read_text())["Records"][0]
CONTEXT: Any = SimpleNamespace(aws_request_id="request", get_remaining_time_in_millis=lambda: 30_000)
CLIENT = Caller("ScoreKey", handler=app.lambda_handler)

Sent = Callable[..., dict[str, Any]]


def ingest(*transactions: Any) -> ApiResponse:
    return CLIENT.send("POST", INGEST, {"transactions": list(transactions)})


def deliver(*bodies: str) -> list[str]:
    """The ids of the messages that failed; the first is `m0`."""
    batch = {"Records": [FRAME | {"messageId": f"m{number}", "body": body} for number, body in enumerate(bodies)]}
    return [str(failure["itemIdentifier"]) for failure in worker.lambda_handler(batch, CONTEXT)["batchItemFailures"]]


def test_what_is_taken_in_is_scored_and_kept(stack: Stack, sent: Sent) -> None:
    response = CLIENT.send("POST", INGEST, {"transaction": sent()})
    assert (response.status, response.json["status"], response.json["transaction_id"]) == (202, "success", "test_123")
    assert stack.items() == []
    assert deliver(*stack.messages(stack.ingest)) == []
    [item] = stack.items()
    assert (item["source"], item["outcome"]) == ({"S": "queue"}, {"S": "approve"})
    assert from_item(item).received_at.isoformat().replace("+00:00", "Z") == response.json["ingested_at"]


@pytest.mark.usefixtures("counting")
def test_a_full_request_is_queued_whole(stack: Stack, sent: Sent) -> None:
    response = ingest(*(sent(transaction_id=f"t{i}", nameOrig="🙂" * 64) for i in range(1000)))
    assert (response.status, response.json["status"]) == (202, "success")
    queued = [json.loads(body)["transaction"]["transaction_id"] for body in stack.messages(stack.ingest)]
    assert sorted(queued) == sorted(response.json["transaction_ids"]) == sorted(f"t{i}" for i in range(1000))


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> None:
    """moto's queues, made not to count themselves for every message."""
    for patch in PATCHES:
        if patch.owner is SQSBackend:
            monkeypatch.setattr(patch.owner, patch.name, patch.replacement)


def test_what_is_bad_comes_back_and_what_is_good_is_queued(stack: Stack, sent: Sent) -> None:
    response = ingest(sent(), {"transaction_id": "bad"})
    assert (response.status, response.json["transaction_ids"]) == (202, ["test_123"])
    assert response.json["rejected"][0]["transaction_id"] == "bad"
    assert len(stack.messages(stack.ingest)) == 1


def test_a_request_of_bad_ones_only_is_422(stack: Stack, sent: Sent) -> None:
    response = ingest({}, sent(amount=-1))
    assert (response.status, response.json["status"], len(response.json["rejected"])) == (422, "rejected", 2)
    single = CLIENT.send("POST", INGEST, {"transaction": sent(amount=-1)})
    assert (single.status, single.json["code"]) == (422, "invalid_transaction")
    assert single.json["errors"][0]["pointer"] == "/transaction/amount"
    assert stack.messages(stack.ingest) == []


def test_a_redelivery_after_the_score_changes_nothing(stack: Stack, sent: Sent) -> None:
    ingest(sent())
    [body] = stack.messages(stack.ingest)
    deliver(body)
    before = stack.items()
    assert deliver(body, body) == []
    assert stack.items() == before


def test_an_unreadable_message_goes_to_the_dead_letters_at_once_and_alone(stack: Stack, sent: Sent) -> None:
    ingest(sent())
    assert deliver("no JSON", *stack.messages(stack.ingest), "{}") == []
    assert len(stack.items()) == 1
    assert sorted(stack.messages(stack.resolver.refs["IngestDeadLetters"])) == ["no JSON", "{}"]


def test_an_unreadable_message_that_no_queue_takes_comes_again(stack: Stack) -> None:
    boto3.client("sqs").delete_queue(QueueUrl=stack.resolver.refs["IngestDeadLetters"])
    assert deliver("no JSON", "{}") == ["m0", "m1"]


def test_a_conflict_is_settled_and_the_first_stands(stack: Stack, sent: Sent) -> None:
    ingest(sent())
    ingest(sent(amount=1))
    assert deliver(*stack.messages(stack.ingest)) == []
    assert len(stack.items()) == 1


def test_while_the_store_is_away_messages_stay_and_nothing_is_parked(
    stack: Stack, sent: Sent, told: Callable[..., None]
) -> None:
    ingest(sent(), sent(transaction_id="b"))
    bodies = stack.messages(stack.ingest)
    told(AWS_ENDPOINT_URL_DYNAMODB=NOWHERE)
    assert deliver(*bodies) == ["m0", "m1"]
    told(AWS_ENDPOINT_URL_DYNAMODB="")
    assert (stack.items(), stack.messages()) == ([], [])
    assert deliver(*bodies) == []


def test_what_the_store_did_not_take_is_back_within_seconds(
    stack: Stack, sent: Sent, told: Callable[..., None]
) -> None:
    """The queue itself would hide it for six minutes."""
    ingest(sent())
    asked: dict[str, Any] = {"QueueUrl": stack.ingest, "AttributeNames": ["All"]}
    sqs = boto3.client("sqs")
    [received] = sqs.receive_message(**asked)["Messages"]
    told(AWS_ENDPOINT_URL_DYNAMODB=NOWHERE)
    framed = {"body": received["Body"], "receiptHandle": received["ReceiptHandle"]}
    batch = {"Records": [FRAME | framed | {"messageId": "m0", "attributes": received["Attributes"]}]}
    assert worker.lambda_handler(batch, CONTEXT)["batchItemFailures"] == [{"itemIdentifier": "m0"}]
    [again] = sqs.receive_message(**asked, WaitTimeSeconds=20)["Messages"]
    assert again["Attributes"]["ApproximateReceiveCount"] == "2"


def test_flags_travel_from_the_request_to_the_store(stack: Stack, sent: Sent) -> None:
    response = ingest(sent(amount=0))
    [flagged] = response.json["quality"]["flagged"]
    deliver(*stack.messages(stack.ingest))
    assert (
        [flag["S"] for flag in stack.items()[0]["quality"]["L"]]
        == flagged["flags"]
        == ["zero_amount", "origin_balance"]
    )


def refuse(times: int) -> list[object]:
    """SQS is not reached the next `times` times; grows by every request that is made."""
    sent: list[object] = []

    def fail(**call: object) -> None:
        sent.append(call)
        if len(sent) <= times:
            raise ConnectionClosedError(endpoint_url="https://sqs")

    client.sqs().meta.events.register_first("before-send.sqs.SendMessageBatch", fail)
    return sent


def test_one_failed_attempt_is_made_good_by_the_next(stack: Stack, sent: Sent) -> None:
    requests = refuse(1)
    assert ingest(sent()).status == 202
    assert len(requests) == 2


def test_what_is_refused_twice_is_not_promised(stack: Stack, sent: Sent) -> None:
    requests = refuse(2)
    response = ingest(sent())
    assert (response.status, response.json["code"], response.headers["retry-after"]) == (503, "queue_unavailable", "5")
    assert len(requests) == 2
    assert stack.messages(stack.ingest) == []


def lose(*names: str) -> list[int]:
    """SQS fails the entries whose body has one of `names` in it; grows by the size of each request."""
    sizes: list[int] = []

    def answer(request: Any, **_: object) -> Any:
        entries = json.loads(request.body)["Entries"]
        sizes.append(len(entries))
        lost = [one["Id"] for one in entries if any(name in one["MessageBody"] for name in names)]
        told = {
            "Successful": [{"Id": one["Id"], "MessageId": "m"} for one in entries if one["Id"] not in lost],
            "Failed": [{"Id": number, "Code": "InternalError", "SenderFault": False} for number in lost],
        }
        return AWSResponse("https://sqs", 200, HTTPHeaders(), Said(json.dumps(told).encode()))

    client.sqs().meta.events.register_first("before-send.sqs.SendMessageBatch", answer)
    return sizes


@dataclass(frozen=True, slots=True)
class Said:
    """A body as botocore reads it."""

    body: bytes

    def stream(self, **_: object) -> Iterator[bytes]:
        yield self.body


def test_what_sqs_takes_in_part_is_sent_once_more_and_then_told(stack: Stack, sent: Sent) -> None:
    sizes = lose("lost")
    response = ingest(*(sent(transaction_id=name) for name in ("a", "lost-1", "b", "lost-2")))
    assert (response.status, response.json["status"], response.json["transaction_ids"]) == (202, "partial", ["a", "b"])
    assert [one["errors"][0]["code"] for one in response.json["rejected"]] == ["queue_unavailable"] * 2
    assert sizes == [4, 2]


def test_score_is_the_models(stack: Stack, sent: Sent, caller: Caller) -> None:
    response = CLIENT.send("POST", "/api/v1/ingest/score", {"transactions": [sent()]})
    assert (response.status, response.entries) == (200, caller.score(sent()).entries)


def test_it_is_degraded_without_its_model(stack: Stack, told: Callable[..., None]) -> None:
    told(MODEL_DIR="/nowhere")
    response = CLIENT.send("GET", "/api/v1/ingest/health")
    assert (response.status, response.json["status"], response.json["service"]) == (200, "degraded", "ingest")


def test_nothing_about_a_person_is_logged(stack: Stack, sent: Sent, written: Callable[[], str]) -> None:
    ingest(sent(), sent(transaction_id="bad", amount=-4711))
    deliver(*stack.messages(stack.ingest), '{"transaction": {"nameOrig": "C123456789"}}')
    lines = written()
    assert "test_123" in lines
    assert not [word for word in ("C123456789", "M987654321", "4711", "5000") if word in lines]
