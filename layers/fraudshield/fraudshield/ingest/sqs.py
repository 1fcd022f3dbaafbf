"""The queue between accepting transactions and scoring them: one transaction a message, ten messages a request."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.aws import client
from fraudshield.budget import ATTEMPTS
from fraudshield.telemetry import logger
from fraudshield.transaction.queued import QueuedTransaction, message

ENTRIES = 10  # SQS takes no more at once; ten of the longest transactions are far below its 1 MiB


@dataclass(frozen=True, slots=True)
class SqsIngestQueue:
    """The `IngestQueue` port on one queue."""

    url: str
    pool: ThreadPoolExecutor

    def send(self, transactions: Sequence[QueuedTransaction], give_up_at: float) -> list[bool]:
        client.sqs()  # made before the clock starts
        batches = [*_batches(transactions)]
        sends = [self.pool.submit(self._send, batch, give_up_at) for batch in batches]
        wait(sends, timeout=max(0.0, give_up_at - time.monotonic()))
        return [
            taken
            for send, batch in zip(sends, batches, strict=True)
            for taken in (send.result() if not send.cancel() and send.done() else [False] * len(batch))
        ]

    def _send(self, batch: Sequence[QueuedTransaction], give_up_at: float) -> list[bool]:
        """Sends a batch; messages that SQS did not take are sent a second time."""
        waiting = {str(number): message(one) for number, one in enumerate(batch)}
        for _ in range(ATTEMPTS):
            if waiting and time.monotonic() < give_up_at:
                for number in self._sent(waiting):
                    del waiting[number]
        return [str(number) not in waiting for number in range(len(batch))]

    def _sent(self, waiting: dict[str, str]) -> list[str]:
        entries = [{"Id": number, "MessageBody": body} for number, body in waiting.items()]
        try:
            response = client.sqs().send_message_batch(QueueUrl=self.url, Entries=entries)  # type: ignore[arg-type]
        except (BotoCoreError, ClientError) as exc:
            logger.warning("messages not queued", messages=len(entries), cause=type(exc).__name__)
            return []
        if failed := response.get("Failed", []):
            logger.warning("messages not queued", messages=len(failed), cause=failed[0]["Code"])
        return [one["Id"] for one in response.get("Successful", [])]


def _batches(transactions: Sequence[QueuedTransaction]) -> Iterator[Sequence[QueuedTransaction]]:
    return (transactions[start : start + ENTRIES] for start in range(0, len(transactions), ENTRIES))
