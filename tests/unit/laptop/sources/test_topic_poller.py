"""What a topic or a rule tells a function: its event's shape, and what happens when the function fails."""

import asyncio
import json
from typing import Any

import pytest

from infra.laptop.awslambda.failure_queue import failure_message
from infra.laptop.awslambda.invocation import DiscardedEvent, FunctionResponse, Invocation
from infra.laptop.errors import RequestError
from infra.laptop.eventbridge.event_rule import RuleMapping
from infra.laptop.resources.topic import TopicMapping
from infra.laptop.sources.topic_poller import AsyncRetries, TopicPoller, rule_event, topic_event

NOTIFICATION = {
    "Type": "Notification",
    "MessageId": "m",
    "TopicArn": "arn:topic",
    "Message": "hello",
    "Timestamp": "2026-11-25T12:00:00.000Z",
    "SignatureVersion": "1",
    "Signature": "s",
    "SigningCertURL": "http://certificate",
    "UnsubscribeURL": "http://leave",
}


class FakeQueue:
    """One message, until it is deleted; it counts how often it was received, and what was sent to other queues."""

    def __init__(self, body: str) -> None:
        self.messages = [{"Body": body, "ReceiptHandle": "r"}]
        self.waits_s: list[int] = []
        self.sent: list[tuple[str, str]] = []
        self._received = 0

    def receive_message(self, **_: Any) -> dict[str, Any]:
        self._received += 1
        told = {"Attributes": {"ApproximateReceiveCount": str(self._received)}}
        return {"Messages": [one | told for one in self.messages]}

    def change_message_visibility(self, QueueUrl: str, ReceiptHandle: str, VisibilityTimeout: int) -> None:
        assert (QueueUrl, ReceiptHandle) == ("http://queue", "r")
        self.waits_s.append(VisibilityTimeout)

    def delete_message(self, QueueUrl: str, ReceiptHandle: str) -> None:
        assert (QueueUrl, ReceiptHandle) == ("http://queue", "r")
        self.messages.clear()

    def send_message(self, QueueUrl: str, MessageBody: str) -> None:
        self.sent.append((QueueUrl, MessageBody))


class FakeFunction:
    """Fails so often, then works; one that is `missing` cannot be invoked."""

    def __init__(self, fails: int = 1, *, missing: bool = False) -> None:
        self.events: list[Any] = []
        self._fails, self._missing = fails, missing

    async def invoke(self, _: str, event: bytes) -> Invocation:
        if self._missing:
            raise RequestError("there is no such function")
        self.events.append(json.loads(event))
        failed = len(self.events) <= self._fails
        return Invocation.of(
            FunctionResponse.failure("ValueError", "no") if failed else FunctionResponse(b""), "request"
        )


def test_a_notification_has_lambdas_shape() -> None:
    [record] = json.loads(topic_event(json.dumps(NOTIFICATION)))["Records"]
    assert (record["EventSource"], record["EventVersion"]) == ("aws:sns", "1.0")
    assert record["Sns"]["Message"] == "hello"
    assert (record["Sns"]["SigningCertUrl"], record["Sns"]["UnsubscribeUrl"]) == ("http://certificate", "http://leave")
    assert "SigningCertURL" not in record["Sns"]


def test_what_a_function_fails_on_comes_again_until_it_is_taken() -> None:
    queue, function = FakeQueue(json.dumps({"source": "aws.s3"})), FakeFunction()
    poller = TopicPoller(RuleMapping("Rule", "Intake", "http://queue"), queue, function.invoke, rule_event)
    for left in (1, 0, 0):
        asyncio.run(poller.poll())
        assert len(queue.messages) == left
    assert function.events == [{"source": "aws.s3"}] * 2


def test_what_a_function_fails_on_three_times_is_discarded_as_lambda_does() -> None:
    discarded: list[DiscardedEvent] = []

    async def take(event: DiscardedEvent) -> None:
        discarded.append(event)

    queue, function = FakeQueue(json.dumps({"source": "aws.s3"})), FakeFunction(fails=9)
    mapping, retries = RuleMapping("Rule", "Intake", "http://queue"), AsyncRetries((60.0, 120.0), take)
    poller = TopicPoller(mapping, queue, function.invoke, rule_event, retries)
    for left in (1, 1, 0):
        asyncio.run(poller.poll())
        assert len(queue.messages) == left
    assert queue.waits_s == [60, 120]
    [event] = discarded
    assert (event.function, json.loads(event.event), event.times) == ("Intake", {"source": "aws.s3"}, 3)
    told = json.loads(failure_message(event))
    assert told["requestPayload"] == {"source": "aws.s3"}
    assert told["requestContext"]["functionArn"].endswith(":function:Intake:$LATEST")
    assert (told["requestContext"]["condition"], told["responsePayload"]["errorType"]) == (
        "RetriesExhausted",
        "ValueError",
    )


@pytest.mark.parametrize("dead_letters_url", ["http://dead", None])
def test_what_lambda_refuses_goes_to_the_dead_letters_of_the_subscription_at_once(dead_letters_url: str | None) -> None:
    queue, function = FakeQueue(json.dumps(NOTIFICATION)), FakeFunction(missing=True)
    mapping = TopicMapping("Topic", "Mailer", "http://queue", dead_letters_url)
    asyncio.run(TopicPoller(mapping, queue, function.invoke, topic_event).poll())
    assert queue.messages == []
    assert queue.sent == ([] if dead_letters_url is None else [("http://dead", json.dumps(NOTIFICATION))])


def test_a_topic_is_carried_likewise() -> None:
    queue, function = FakeQueue(json.dumps(NOTIFICATION)), FakeFunction()
    poller = TopicPoller(TopicMapping("Topic", "Mailer", "http://queue"), queue, function.invoke, topic_event)
    asyncio.run(poller.poll())
    assert function.events[0]["Records"][0]["Sns"]["MessageId"] == "m"
