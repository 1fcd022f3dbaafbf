"""SNS's, or EventBridge's, delivery to one function: a message an invocation, tried again until it is taken.

https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.laptop.awslambda.invocation import Invocation
from infra.laptop.eventbridge.event_rule import RuleMapping
from infra.laptop.resources.topic import TopicMapping

Invoke = Callable[[str, bytes], Awaitable[Invocation]]

POLL_S = 1
PAUSE_S = 1.0  # after a call that failed

logger = logging.getLogger(__name__)


class TopicPoller:
    """Invokes one function with what one topic or rule sends; `event` turns its messages into events.

    `sqs` is a boto3 client; its calls run in threads.
    """

    def __init__(
        self, mapping: TopicMapping | RuleMapping, sqs: Any, invoke: Invoke, event: Callable[[str], bytes]
    ) -> None:
        self._mapping = mapping
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
        """Hand on the messages that wait; what fails comes again when the queue says so."""
        url = self._mapping.queue_url
        response = await asyncio.to_thread(
            self._sqs.receive_message, QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=POLL_S
        )
        for message in response.get("Messages", []):
            invocation = await self._invoke(self._mapping.function, self._event(message["Body"]))
            if invocation.error is None:
                receipt = message["ReceiptHandle"]
                await asyncio.to_thread(self._sqs.delete_message, QueueUrl=url, ReceiptHandle=receipt)


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
