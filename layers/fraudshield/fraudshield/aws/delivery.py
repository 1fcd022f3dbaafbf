"""What becomes of a queue's message that could not be settled: it comes again soon, or is given up at once."""

from collections.abc import Callable
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.aws import client
from fraudshield.errors import QueueUnavailable

FIRST_WAIT_S, LONG_WAIT_S, LONGEST_WAIT_S = 5, 30, 300
SOON = 500  # receives: for four hours a message comes again within LONG_WAIT_S


@dataclass(frozen=True, slots=True)
class SqsReturns:
    """Puts messages of one queue back."""

    url: str

    def put_back(self, receipt_handle: str, receives: int) -> None:
        """Has the message come again soon. Raises QueueUnavailable: then it comes when the queue's own time is over."""
        _request(
            "The message was not put back",
            lambda: client.sqs().change_message_visibility(
                QueueUrl=self.url, ReceiptHandle=receipt_handle, VisibilityTimeout=wait_s(receives)
            ),
        )


@dataclass(frozen=True, slots=True)
class SqsDeadLetters:
    """Takes messages that nothing can help, before their queue gives them up."""

    url: str

    def give_up(self, body: str) -> None:
        """Sends the message to the dead letters. Raises QueueUnavailable."""
        _request("The message was not given up", lambda: client.sqs().send_message(QueueUrl=self.url, MessageBody=body))


def wait_s(receives: int) -> int:
    """How long a message waits after it was received so often: seconds for hours, so that an outage's end is noticed.

    Later it waits longer: a queue delivers a message a thousand times at most, which then are two days.
    """
    if receives > SOON:
        return LONGEST_WAIT_S
    return min(LONG_WAIT_S, FIRST_WAIT_S * receives)


def _request(failure: str, request: Callable[[], object]) -> None:
    try:
        request()
    except (BotoCoreError, ClientError) as exc:
        raise QueueUnavailable(f"{failure}: {type(exc).__name__}") from exc
