"""SNS's, or EventBridge's, delivery to one function: a message an invocation, which is asynchronous.

As Lambda does it: two more tries, then the function's failure queue. What Lambda itself refuses is not tried again and
goes to the queue that the subscription or target names. https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.laptop.awslambda.invocation import EVENT_BYTES, RETRY_WAITS_S, DiscardedEvent, Invocation
from infra.laptop.awslambda.runtime import drop
from infra.laptop.errors import RequestError
from infra.laptop.eventbridge.event_rule import RuleMapping
from infra.laptop.resources.topic import TopicMapping

Invoke = Callable[[str, bytes], Awaitable[Invocation]]

POLL_S = 1
PAUSE_S = 1.0  # after a call that failed

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AsyncRetries:
    """How an event that fails is tried again, and what then becomes of it."""

    waits_s: Sequence[float] = RETRY_WAITS_S
    discarded: Callable[[DiscardedEvent], Awaitable[None]] = drop


AS_LAMBDA = AsyncRetries()


class TopicPoller:
    """Invokes one function with what one topic or rule sends; `event` turns its messages into events.

    `sqs` is a boto3 client; its calls run in threads. A message stays in the queue in between until it is settled, so
    that what is tried again outlives a restart.
    """

    def __init__(
        self,
        mapping: TopicMapping | RuleMapping,
        sqs: Any,
        invoke: Invoke,
        event: Callable[[str], bytes],
        retries: AsyncRetries = AS_LAMBDA,
    ) -> None:
        self._mapping = mapping
        self._retries = retries
        self._event = event
        self._sqs = sqs
        self._invoke = invoke

    async def run(self) -> None:
        """Poll until cancelled."""
        while True:
            try:
                await self.poll()
            except (BotoCoreError, ClientError) as exc:
                logger.warning("%s cannot read its topic: %s", self._mapping.name, exc)
                await asyncio.sleep(PAUSE_S)

    async def poll(self) -> None:
        """Hand on the messages that wait; what fails comes again, or goes to a failure queue."""
        response = await asyncio.to_thread(
            self._sqs.receive_message,
            QueueUrl=self._mapping.queue_url,
            MaxNumberOfMessages=1,  # so that none waits for another until the queue takes it for a failure
            WaitTimeSeconds=POLL_S,
            AttributeNames=["ApproximateReceiveCount"],
        )
        for message in response.get("Messages", []):
            await self._deliver(message["Body"], message["ReceiptHandle"], _receives(message))

    async def _deliver(self, body: str, receipt: str, times: int) -> None:
        mapping, event = self._mapping, self._event(body)
        if len(event) > EVENT_BYTES:
            await self._undeliverable(body, receipt, "the event is too large")
            return
        try:
            invocation = await self._invoke(mapping.function, event)
        except RequestError as exc:
            await self._undeliverable(body, receipt, str(exc))
            return
        if invocation.error is None:
            await self._settled(receipt)
        elif times <= len(self._retries.waits_s):
            wait_s = int(self._retries.waits_s[times - 1])
            await self._called("change_message_visibility", ReceiptHandle=receipt, VisibilityTimeout=wait_s)
        else:
            await self._retries.discarded(DiscardedEvent(mapping.function, event, invocation, times))
            await self._settled(receipt)

    async def _undeliverable(self, body: str, receipt: str, why: str) -> None:
        logger.warning("%s cannot invoke %s: %s", self._mapping.name, self._mapping.function, why)
        if url := self._mapping.dead_letters_url:
            await asyncio.to_thread(self._sqs.send_message, QueueUrl=url, MessageBody=body)
        await self._settled(receipt)

    async def _settled(self, receipt: str) -> None:
        await self._called("delete_message", ReceiptHandle=receipt)

    async def _called(self, operation: str, **asked: Any) -> None:
        await asyncio.to_thread(getattr(self._sqs, operation), QueueUrl=self._mapping.queue_url, **asked)


def _receives(message: Mapping[str, Any]) -> int:
    return int(message.get("Attributes", {}).get("ApproximateReceiveCount", 1))


def rule_event(body: str) -> bytes:
    """The event for a function that a rule invokes: the same as a queue gets."""
    return body.encode()


def topic_event(body: str) -> bytes:
    """The event for a function that a topic invokes, from the notification that a queue gets."""
    notification: Mapping[str, Any] = json.loads(body)
    told = {name: value for name, value in notification.items() if name != "SigningCertURL"}
    record = {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": f"{notification['TopicArn']}:laptop",
        "Sns": {
            **told,
            "Subject": notification.get("Subject"),
            "SigningCertUrl": notification.get("SigningCertURL", ""),
            "UnsubscribeUrl": notification.get("UnsubscribeURL", ""),
            "MessageAttributes": notification.get("MessageAttributes", {}),
        },
    }
    return json.dumps({"Records": [record]}).encode()
