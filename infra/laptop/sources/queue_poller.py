"""Lambda's poller for one queue: receive, invoke, delete what is dealt with.

What fails becomes visible again when the queue's own time-out is over, and goes to its dead-letter queue by the
queue's own policy; no state is kept here.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.laptop.awslambda.invocation import Invocation
from infra.laptop.sources.queue_event import Message, processed, queue_event
from infra.laptop.sources.queue_mapping import QueueMapping

Invoke = Callable[[str, bytes], Awaitable[Invocation]]

RECEIVE = 10  # SQS gives and takes no more at once
POLL_S = 1  # how long one call waits for messages, and how long a stop may take
PAUSE_S = 1.0  # after a call that failed

logger = logging.getLogger(__name__)


class QueuePoller:
    """Invokes one function with the messages of one queue. `sqs` is a boto3 client; its calls run in threads."""

    def __init__(self, mapping: QueueMapping, sqs: Any, invoke: Invoke) -> None:
        self._mapping = mapping
        self._sqs = sqs
        self._invoke = invoke
        self._free = asyncio.Semaphore(mapping.concurrency)

    async def run(self) -> None:
        """Poll until cancelled. What is under way then is given up: its messages come again."""
        self._free = asyncio.Semaphore(self._mapping.concurrency)  # of this run: one before may have failed
        async with asyncio.TaskGroup() as group:
            while True:
                await self._free.acquire()
                if messages := await self._gather():
                    group.create_task(self._deliver(messages))
                else:
                    self._free.release()

    async def _gather(self) -> list[Message]:
        """The next batch: full, or what has come within the window of its first message; maybe empty."""
        messages = await self._receive(self._mapping.batch_size)
        closes_at = time.monotonic() + self._mapping.window_s
        while messages and len(messages) < self._mapping.batch_size and time.monotonic() < closes_at:
            messages += await self._receive(self._mapping.batch_size - len(messages))
        return messages

    async def _receive(self, at_most: int) -> list[Message]:
        try:
            response = await asyncio.to_thread(
                self._sqs.receive_message,
                QueueUrl=self._mapping.queue_url,
                MaxNumberOfMessages=min(at_most, RECEIVE),
                WaitTimeSeconds=POLL_S,
                AttributeNames=["All"],
                MessageAttributeNames=["All"],
            )
        except (BotoCoreError, ClientError) as exc:
            logger.warning("%s cannot receive: %s", self._mapping.name, exc)
            await asyncio.sleep(PAUSE_S)
            return []
        return list(response.get("Messages", []))

    async def _deliver(self, messages: Sequence[Message]) -> None:
        try:
            invocation = await self._invoke(self._mapping.function, queue_event(self._mapping, messages))
            await self._delete(processed(self._mapping, messages, invocation))
        finally:
            self._free.release()

    async def _delete(self, messages: Sequence[Message]) -> None:
        for start in range(0, len(messages), RECEIVE):
            entries = [
                {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
                for number, message in enumerate(messages[start : start + RECEIVE])
            ]
            try:
                await asyncio.to_thread(
                    self._sqs.delete_message_batch, QueueUrl=self._mapping.queue_url, Entries=entries
                )
            except (BotoCoreError, ClientError) as exc:
                logger.warning("%s cannot delete, so the function gets them again: %s", self._mapping.name, exc)
