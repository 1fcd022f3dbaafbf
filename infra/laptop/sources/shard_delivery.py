"""What Lambda does with the records of one shard: in order, again after a failure, in halves, given up in the end.

Source: https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.laptop.awslambda.invocation import Invocation
from infra.laptop.sources.stream_event import (
    AGED,
    EXHAUSTED,
    Record,
    TumblingWindow,
    created_s,
    discarded_batch,
    first_failed,
    sequence,
    state,
    stream_event,
)
from infra.laptop.sources.stream_mapping import StreamMapping

Invoke = Callable[[str, bytes], Awaitable[Invocation]]

MOST_S = 30.0  # between two tries
KEPT_S = 86_400.0  # DynamoDB keeps a stream's records for a day: no failure lasts longer
GRACE_S = 5.0  # after its end a window is closed although no later record has come; Lambda waits up to two minutes
MESSAGE_TRIES = 5

logger = logging.getLogger(__name__)


class ShardDelivery:
    """Delivers one shard's records. `settle` is called with a sequence number when all up to it is dealt with."""

    def __init__(
        self,
        mapping: StreamMapping,
        shard: str,
        sqs: Any,
        invoke: Invoke,
        settle: Callable[[str], None],
        backoff_s: float,
    ) -> None:
        self._mapping = mapping
        self._shard = shard
        self._sqs = sqs
        self._invoke = invoke
        self._settle = settle
        self._backoff_s = backoff_s
        self._window: TumblingWindow | None = None

    async def deliver(self, records: Sequence[Record]) -> None:
        """Deliver records until each is accepted or given up. All lie in one tumbling window, if there are windows."""
        await self._turn_to(records[0])
        waiting: list[tuple[Sequence[Record], int]] = [(records, 0)]
        while waiting:
            batch, times = waiting.pop()
            invocation = await self._invoked(batch)
            failed = first_failed(self._mapping, batch, invocation)
            if failed != 0:
                self._keep_state(invocation)
                self._settle(sequence(batch[-1] if failed is None else batch[failed - 1]))
            if failed:
                waiting.append((batch[failed:], 1))
            elif failed == 0 and self._mapping.bisect and len(batch) > 1:
                half = len(batch) // 2
                waiting += [(batch[half:], 0), (batch[:half], times)]
            elif failed == 0 and (why := self._hopeless(batch, times + 1)):
                await self._give_up(batch, invocation, times + 1, why)
            elif failed == 0:
                await asyncio.sleep(min(self._backoff_s * 2**times, MOST_S))
                waiting.append((batch, times + 1))

    async def close_overdue(self) -> None:
        """Tell the function that a window is over, where time says so and no later record has."""
        if self._window is not None and time.time() > self._window.end_s + GRACE_S:
            await self.close()

    async def close(self) -> None:
        """Tell the function that the open window is over, if there is one."""
        if self._window is None:
            return
        times = 0
        while (await self._invoked([], final=True)).error is not None and times != self._mapping.retries:
            await asyncio.sleep(min(self._backoff_s * 2**times, MOST_S))
            times += 1
        self._window = None

    async def _turn_to(self, record: Record) -> None:
        length = self._mapping.tumbling_s
        if not length:
            return
        start = int(created_s(record)) // length * length
        if self._window is not None and start > self._window.start_s:
            await self.close()
        if self._window is None:
            self._window = TumblingWindow(start, start + length, {})

    async def _invoked(self, records: Sequence[Record], *, final: bool = False) -> Invocation:
        event = stream_event(self._mapping, self._shard, records, self._window, final=final)
        return await self._invoke(self._mapping.function, event)

    def _keep_state(self, invocation: Invocation) -> None:
        if self._window is not None:
            self._window = replace(self._window, state=state(invocation))

    def _hopeless(self, batch: Sequence[Record], times: int) -> str | None:
        """Why there is no other try; None where there is one."""
        if self._mapping.retries is not None and times > self._mapping.retries:
            return EXHAUSTED
        age_s = time.time() - created_s(batch[0])
        return AGED if age_s > (self._mapping.max_age_s or KEPT_S) else None

    async def _give_up(self, batch: Sequence[Record], invocation: Invocation, times: int, why: str) -> None:
        first, last = sequence(batch[0]), sequence(batch[-1])
        logger.warning("%s gives up records %s to %s of %s: %s", self._mapping.name, first, last, self._shard, why)
        if self._mapping.failures_url is not None:
            await self._send(discarded_batch(self._mapping, self._shard, batch, invocation, times, why))
        self._settle(last)

    async def _send(self, message: str) -> None:
        for number in range(MESSAGE_TRIES):
            try:
                await asyncio.to_thread(
                    self._sqs.send_message, QueueUrl=self._mapping.failures_url, MessageBody=message
                )
            except (BotoCoreError, ClientError) as exc:
                logger.warning("%s cannot say what it gave up: %s: %s", self._mapping.name, exc, message)
                await asyncio.sleep(self._backoff_s * 2**number)
            else:
                return
