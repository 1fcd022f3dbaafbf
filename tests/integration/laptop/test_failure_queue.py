"""A consumer that is broken: what it was told lies in its failure queue, and is done once it is mended and redriven."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra.cli.redrive import Redriven, redrive
from infra.laptop import deploy
from infra.laptop.awslambda.failure_queue import FailureQueues, failure_queues
from infra.laptop.awslambda.runtime import Runtime
from infra.laptop.intrinsic import Resolver
from infra.laptop.moto.event_bus import put_event
from infra.laptop.sources.pollers import pollers
from infra.laptop.sources.topic_poller import AsyncRetries
from tests.integration.laptop.awslambda.test_runtime import PATIENCE_S, probe

pytestmark = pytest.mark.anyio

AT_ONCE = (0.0, 0.0)
DEAD: dict[str, Any] = {"Fn::GetAtt": ["Dead", "Arn"]}
QUEUE = {"Type": "AWS::SQS::Queue", "Properties": {}}
TEMPLATE: Any = {
    "Resources": {
        "Dead": QUEUE,
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {}},
        "Probe": {"Type": "AWS::Lambda::Function", "Properties": {"Handler": "probe.keeps_notices"}},
        "Told": {
            "Type": "AWS::SNS::Subscription",
            "Properties": {
                "TopicArn": {"Ref": "Topic"},
                "Protocol": "lambda",
                "Endpoint": {"Fn::GetAtt": ["Probe", "Arn"]},
                "RedrivePolicy": {"deadLetterTargetArn": DEAD},
            },
        },
        "ProbeEventInvokeConfig": {
            "Type": "AWS::Lambda::EventInvokeConfig",
            "Properties": {
                "FunctionName": {"Ref": "Probe"},
                "Qualifier": "$LATEST",
                "DestinationConfig": {"OnFailure": {"Destination": DEAD}},
            },
        },
        "Target": QUEUE,
        "Rule": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "EventPattern": {"source": ["aws.s3"]},
                "Targets": [
                    {"Id": "queue", "Arn": {"Fn::GetAtt": ["Target", "Arn"]}, "DeadLetterConfig": {"Arn": DEAD}}
                ],
            },
        },
    }
}


@lru_cache
def client(service: str) -> Any:
    return boto3.client(service)  # type: ignore[call-overload]


@dataclass(frozen=True)
class Laptop:
    """A topic that tells one function, which keeps what it is told in a file, and fails without it."""

    resolver: Resolver
    runtime: Runtime
    kept: Path

    @property
    def dead(self) -> str:
        """The URL of its failure queue."""
        return self.resolver.refs["Dead"]

    def publish(self, message: str) -> None:
        """Tells the topic."""
        client("sns").publish(TopicArn=self.resolver.refs["Topic"], Message=message)

    def waiting(self) -> int:
        """How many messages lie in the failure queue."""
        asked = {"QueueUrl": self.dead, "AttributeNames": ["ApproximateNumberOfMessages"]}
        return int(client("sqs").get_queue_attributes(**asked)["Attributes"]["ApproximateNumberOfMessages"])

    async def redriven(self, function: str = "") -> Redriven:
        """What the command does."""
        lambda_ = InvokingClient(self.runtime, asyncio.get_running_loop())

        def clients(service: str) -> Any:
            return lambda_ if service == "lambda" else client(service)

        return await asyncio.to_thread(redrive, clients, self.dead, function)


@dataclass(frozen=True)
class InvokingClient:
    """A boto3 client for Lambda that invokes what runs here."""

    runtime: Runtime
    loop: asyncio.AbstractEventLoop

    def invoke(self, FunctionName: str, InvocationType: str, Payload: bytes) -> None:
        """Takes an asynchronous event, as the function's name or its ARN with a version says."""
        assert InvocationType == "Event"
        name = FunctionName.removesuffix(":$LATEST").rpartition(":")[2]
        asyncio.run_coroutine_threadsafe(self.runtime.invoke_event(name, Payload), self.loop).result()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def resolver() -> Iterator[Resolver]:
    with mock_aws():
        client.cache_clear()
        yield deploy.deploy(TEMPLATE | {"Metadata": {}}, {}, client)


@pytest.fixture
async def laptop(resolver: Resolver, tmp_path: Path) -> AsyncIterator[Laptop]:
    kept = tmp_path / "kept"
    spec = probe("keeps_notices", environment={"KEPT": str(kept)})
    failures = FailureQueues(failure_queues(resolver), client("sqs"))
    runtime = Runtime({"Probe": spec}, tmp_path / "logs", discarded=failures.take, retry_waits_s=AT_ONCE)
    retries = AsyncRetries(AT_ONCE, failures.take)
    running = [
        asyncio.ensure_future(one.run())
        for one in pollers(resolver, client, runtime.invoke, ["Probe"], tmp_path / "streams", retries)
    ]
    yield Laptop(resolver, runtime, kept)
    for task in running:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    await runtime.stop()


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not holds():
            await asyncio.sleep(0.05)


async def test_a_broken_consumer_loses_nothing(laptop: Laptop) -> None:
    laptop.publish("DynamoDB is away")
    await until(lambda: laptop.waiting() == 1)
    assert await laptop.redriven() == Redriven(1, [])
    await until(lambda: laptop.waiting() == 1)  # it is still broken
    laptop.kept.touch()
    assert await laptop.redriven() == Redriven(1, [])
    await until(lambda: laptop.kept.read_text() == "DynamoDB is away\n")
    assert laptop.waiting() == 0


async def test_an_asynchronous_invocation_ends_in_the_same_queue(laptop: Laptop) -> None:
    event = json.dumps({"Records": [{"Sns": {"Message": "directly"}}]}).encode()
    await laptop.runtime.invoke_event("Probe", event)
    await until(lambda: laptop.waiting() == 1)
    laptop.kept.touch()
    assert await laptop.redriven() == Redriven(1, [])
    await until(lambda: laptop.kept.read_text() == "directly\n")


async def test_what_waits_for_another_try_at_a_stop_is_in_the_queue(laptop: Laptop, tmp_path: Path) -> None:
    failures = FailureQueues(failure_queues(laptop.resolver), client("sqs"))
    patient = Runtime({"Probe": probe("raises")}, tmp_path / "more", discarded=failures.take, retry_waits_s=(600.0,))
    await patient.invoke_event("Probe", b"{}")
    log = tmp_path / "more" / "Probe.log"
    await until(lambda: log.exists() and "REPORT" in log.read_text())
    await patient.stop()
    assert laptop.waiting() == 1


async def test_what_sns_could_not_deliver_goes_to_the_function_that_is_named(laptop: Laptop) -> None:
    notification = {"Type": "Notification", "MessageId": "m", "TopicArn": "arn:topic", "Message": "by name"}
    client("sqs").send_message(QueueUrl=laptop.dead, MessageBody=json.dumps(notification))
    client("sqs").send_message(QueueUrl=laptop.dead, MessageBody="no message of anybody")
    laptop.kept.touch()
    nameless = await laptop.redriven()
    assert (nameless.sent, len(nameless.left)) == (0, 2)
    named = await laptop.redriven("Probe")
    assert (named.sent, len(named.left)) == (1, 1)
    await until(lambda: laptop.kept.read_text() == "by name\n")


def test_an_event_that_a_target_does_not_take_is_in_its_dead_letters(resolver: Resolver) -> None:
    client("sqs").delete_queue(QueueUrl=resolver.refs["Target"])
    event = {"source": "aws.s3", "detail-type": "Object Created", "time": "2026-11-30T10:00:00Z", "detail": {}}
    put_event(event)
    [message] = client("sqs").receive_message(QueueUrl=resolver.refs["Dead"])["Messages"]
    assert json.loads(message["Body"]) == event


def test_the_dead_letters_of_a_queue_go_back_there() -> None:
    with mock_aws():
        client.cache_clear()
        sqs = client("sqs")
        dead = sqs.create_queue(QueueName="Dead")["QueueUrl"]
        policy = {"deadLetterTargetArn": "arn:aws:sqs:eu-west-1:123456789012:Dead", "maxReceiveCount": "1"}
        live = sqs.create_queue(QueueName="Live", Attributes={"RedrivePolicy": json.dumps(policy)})["QueueUrl"]
        sqs.send_message(QueueUrl=dead, MessageBody="again")
        assert redrive(client, "Dead", "") == Redriven(1, [])
        assert [one["Body"] for one in sqs.receive_message(QueueUrl=live)["Messages"]] == ["again"]
