"""What a topic or a rule tells a function: its event's shape, and what happens when the function fails."""

import asyncio
import json
from typing import Any

from infra.laptop.awslambda.invocation import FunctionResponse, Invocation
from infra.laptop.eventbridge.event_rule import RuleMapping
from infra.laptop.resources.topic import TopicMapping
from infra.laptop.sources.topic_poller import TopicPoller, rule_event, topic_event

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
    """One message, until it is deleted."""

    def __init__(self, body: str) -> None:
        self.messages = [{"Body": body, "ReceiptHandle": "r"}]

    def receive_message(self, **_: Any) -> dict[str, Any]:
        return {"Messages": list(self.messages)}

    def delete_message(self, QueueUrl: str, ReceiptHandle: str) -> None:
        assert (QueueUrl, ReceiptHandle) == ("http://queue", "r")
        self.messages.clear()


class FakeFunction:
    """Fails the first time."""

    def __init__(self) -> None:
        self.events: list[Any] = []

    async def invoke(self, _: str, event: bytes) -> Invocation:
        self.events.append(json.loads(event))
        return Invocation.of(
            FunctionResponse.failure("ValueError", "no") if len(self.events) == 1 else FunctionResponse(b""), "request"
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


def test_a_topic_is_carried_likewise() -> None:
    queue, function = FakeQueue(json.dumps(NOTIFICATION)), FakeFunction()
    poller = TopicPoller(TopicMapping("Topic", "Mailer", "http://queue"), queue, function.invoke, topic_event)
    asyncio.run(poller.poll())
    assert function.events[0]["Records"][0]["Sns"]["MessageId"] == "m"
