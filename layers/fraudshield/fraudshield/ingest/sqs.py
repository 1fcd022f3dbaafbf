"""The queue between taking transactions in and scoring them: one transaction a message, ten messages a call."""

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

    def send(self, arrivals: Sequence[QueuedTransaction], give_up_at: float) -> list[bool]:
        """See the port."""
        client.sqs()  # made before the clock starts
        tens = [*_tens(arrivals)]
        sends = [self.pool.submit(self._send, ten, give_up_at) for ten in tens]
        wait(sends, timeout=max(0.0, give_up_at - time.monotonic()))
        return [
            taken
            for send, ten in zip(sends, tens, strict=True)
            for taken in (send.result() if not send.cancel() and send.done() else [False] * len(ten))
        ]

    def _send(self, ten: Sequence[QueuedTransaction], give_up_at: float) -> list[bool]:
        """What SQS did not take is sent a second time."""
        waiting = {str(number): message(one) for number, one in enumerate(ten)}
        for _ in range(ATTEMPTS):
            if waiting and time.monotonic() < give_up_at:
                for number in self._sent(waiting):
                    del waiting[number]
        return [str(number) not in waiting for number in range(len(ten))]

    def _sent(self, waiting: dict[str, str]) -> list[str]:
        entries = [{"Id": number, "MessageBody": body} for number, body in waiting.items()]
        try:
            answered = client.sqs().send_message_batch(QueueUrl=self.url, Entries=entries)  # type: ignore[arg-type]
        except (BotoCoreError, ClientError) as exc:
            logger.warning("messages not queued", messages=len(entries), cause=type(exc).__name__)
            return []
        if failed := answered.get("Failed", []):
            logger.warning("messages not queued", messages=len(failed), cause=failed[0]["Code"])
        return [one["Id"] for one in answered.get("Successful", [])]


def _tens(arrivals: Sequence[QueuedTransaction]) -> Iterator[Sequence[QueuedTransaction]]:
    return (arrivals[start : start + ENTRIES] for start in range(0, len(arrivals), ENTRIES))
