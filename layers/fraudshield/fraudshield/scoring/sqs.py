"""The parking queue: items that DynamoDB would not take, as they would have been written there."""

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass

from fraudshield.aws import client
from fraudshield.budget import PARK_S
from fraudshield.errors import QueueUnavailable
from fraudshield.scoring.decision import ScoredTransaction
from fraudshield.scoring.dynamo_item import to_item
from fraudshield.scoring.telemetry import observe_parked
from fraudshield.transaction.source import Source

MESSAGE_BYTES = 200_000  # far below SQS's 1 MiB: a thousand items go out as a handful of messages at once


@dataclass(frozen=True, slots=True)
class SqsParkingQueue:
    """The `ParkingQueue` port on one queue. A message is `{"items": [DynamoDB item, ...]}`."""

    url: str
    pool: ThreadPoolExecutor
    source: Source = "api"
    retention_days: int = 0

    def park(self, scored: Sequence[ScoredTransaction]) -> None:
        """Sends the messages together; any that is not acknowledged in time fails all."""
        client.sqs()  # made before the clock starts
        items = (json.dumps(to_item(one, self.source, self.retention_days)) for one in scored)
        sends = {self.pool.submit(self._send, _body(batch)): len(batch) for batch in _batches(items)}
        done, late = wait(sends, timeout=PARK_S)
        failures = [failure for failure in (send.exception() for send in done) if failure is not None]
        observe_parked(sum(sends[send] for send in done if send.exception() is None))
        if late or failures:
            cause = type(failures[0]).__name__ if failures else "no response in time"
            raise QueueUnavailable(f"{len(late) + len(failures)} of {len(sends)} messages not taken: {cause}")

    def _send(self, body: str) -> None:
        client.sqs().send_message(QueueUrl=self.url, MessageBody=body)


def _batches(items: Iterator[str]) -> Iterator[Sequence[str]]:
    batch: list[str] = []
    size = 0
    for item in items:
        if batch and size + len(item) > MESSAGE_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += len(item) + 1
    if batch:
        yield batch


def _body(items: Sequence[str]) -> str:
    return f'{{"items":[{",".join(items)}]}}'
