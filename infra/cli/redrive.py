"""Dead letters, tried again: back into the queue that they come from, or to the function that failed on them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.errors import ConfigurationError, Malformed, NotFound
from infra.laptop.sources.topic_poller import topic_event

if TYPE_CHECKING:
    from infra.laptop.sdk import Client

HIDDEN_S = 60  # while a message is dealt with; one that stays is seen again at the end
Message = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Redriven:
    """How many messages were sent on, and why others stay in the queue."""

    sent: int
    left: Sequence[str]


def redrive(client: "Client", queue: str, function: str) -> Redriven:
    """Sends on what waits in a queue, by URL or name. Each message leaves it only when another has it.

    `function` takes what SNS or EventBridge could not deliver: only their messages do not say whose they are.

    Raises:
        NotFound: there is no such queue.
        ConfigurationError: AWS cannot be reached, or refuses.
    """
    try:
        url = _url(client, queue)
        return _redriven(client, url, function)
    except (BotoCoreError, ClientError) as exc:
        raise ConfigurationError(f"{queue} cannot be redriven: {exc}") from exc


def _url(client: "Client", queue: str) -> str:
    if "://" in queue:
        return queue
    try:
        return str(client("sqs").get_queue_url(QueueName=queue)["QueueUrl"])
    except ClientError as exc:
        raise NotFound(f"There is no queue {queue}") from exc


def _redriven(client: "Client", url: str, function: str) -> Redriven:
    sqs, sources = client("sqs"), _sources(client, url)
    sent, left = 0, []
    for message in _waiting(sqs, url):
        try:
            _send(client, sources, message["Body"], function)
        except (Malformed, ClientError) as exc:
            left.append(f"{message['MessageId']}: {exc}")
            sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
            continue
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        sent += 1
    return Redriven(sent, left)


def _sources(client: "Client", url: str) -> list[str]:
    """The queues whose dead letters these are."""
    return list(client("sqs").list_dead_letter_source_queues(QueueUrl=url).get("queueUrls", []))


def _waiting(sqs: Any, url: str) -> Iterator[Message]:
    """As many as wait now: what fails again meanwhile is for the next time."""
    told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
    for _ in range(int(told["Attributes"]["ApproximateNumberOfMessages"])):
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=1, VisibilityTimeout=HIDDEN_S).get("Messages", [])
        yield from found


def _send(client: "Client", sources: Sequence[str], body: str, function: str) -> None:
    if sources:
        client("sqs").send_message(QueueUrl=sources[0], MessageBody=body)
        return
    name, event = _invocation(body, function)
    client("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=event)


def _invocation(body: str, function: str) -> tuple[str, bytes]:
    """The function and its event. Raises Malformed where the message does not say and nobody else did."""
    try:
        told = json.loads(body)
        if "requestPayload" in told:
            return told["requestContext"]["functionArn"], json.dumps(told["requestPayload"]).encode()
        event = topic_event(body) if told.get("Type") == "Notification" else body.encode()
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise Malformed("it is no message of Lambda, SNS or EventBridge") from exc
    if not function:
        raise Malformed("it does not say for which function it is: name it with --function")
    return function, event
