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
    """Feeds one function from one topic or rule, whose messages `event` turns into events.

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
        """Pump until cancelled."""
        while True:
            try:
                await self.pump()
            except (BotoCoreError, ClientError) as exc:
                logger.warning("%s cannot read its topic: %s", self._mapping.name, exc)
                await asyncio.sleep(PAUSE_S)

    async def pump(self) -> None:
        """Hand on what waits; what fails comes again when the queue says so."""
        url = self._mapping.queue_url
        answer = await asyncio.to_thread(
            self._sqs.receive_message, QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=POLL_S
        )
        for message in answer.get("Messages", []):
            invocation = await self._invoke(self._mapping.function, self._event(message["Body"]))
            if invocation.error is None:
                receipt = message["ReceiptHandle"]
                await asyncio.to_thread(self._sqs.delete_message, QueueUrl=url, ReceiptHandle=receipt)


def rule_event(body: str) -> bytes:
    """An event of EventBridge: a queue and a function get the same."""
    return body.encode()


def topic_event(body: str) -> bytes:
    """A notification, as a queue gets it, as a function gets it."""
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
