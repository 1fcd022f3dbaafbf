"""Messages in queues: sent more than once and out of order, looked at, moved back from the dead letters."""

import asyncio
import random
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tests.faults.harness.client import clock
from tests.faults.harness.works import Works

ENTRIES = 10  # SQS takes and gives no more at once
WAITING = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
POLL_S = 0.25


def deliveries(bodies: Sequence[str], again: float, seed: str) -> list[str]:
    """The bodies, each at least once, a share of them again, and all of it shuffled."""
    chance = random.Random(seed)
    twice = chance.sample(bodies, round(again * len(bodies)))
    return chance.sample([*bodies, *twice], len(bodies) + len(twice))


def send(works: Works, queue: str, bodies: Iterable[str]) -> None:
    """Puts the bodies into a queue, in this order."""
    sqs = works.client("sqs")
    for ten in _batches(bodies):
        entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(ten)]
        assert not sqs.send_message_batch(QueueUrl=works.at(queue), Entries=entries).get("Failed")


def depth(works: Works, queue: str) -> int:
    """How many messages are in the queue, those under way too."""
    told = works.client("sqs").get_queue_attributes(QueueUrl=works.at(queue), AttributeNames=WAITING)["Attributes"]
    return sum(int(number) for number in told.values())


def taken_out(works: Works, queue: str) -> list[str]:
    """The bodies of all messages; the queue is empty then."""
    sqs, bodies = works.client("sqs"), []
    while found := sqs.receive_message(QueueUrl=works.at(queue), MaxNumberOfMessages=ENTRIES).get("Messages", []):
        for message in found:
            bodies.append(message["Body"])
            sqs.delete_message(QueueUrl=works.at(queue), ReceiptHandle=message["ReceiptHandle"])
    return bodies


def redrive(works: Works, dead_letters: str, queue: str) -> int:
    """What SQS's own move task does, which moto has not: every dead letter goes back as a new message."""
    bodies = taken_out(works, dead_letters)
    send(works, queue, bodies)
    return len(bodies)


async def empty(works: Works, queues: Sequence[str], within_s: float) -> None:
    """Wait until nothing is left in them; fail when that does not come."""
    give_up_at = clock() + within_s
    while left := {queue: number for queue in queues if (number := await asyncio.to_thread(depth, works, queue))}:
        assert clock() < give_up_at, f"after {within_s:g} s there are still {left}, deaths {works.killer.deaths}"
        await asyncio.sleep(POLL_S)


def _batches(bodies: Iterable[str]) -> Iterator[list[Any]]:
    ten: list[str] = []
    for body in bodies:
        ten.append(body)
        if len(ten) == ENTRIES:
            yield ten
            ten = []
    if ten:
        yield ten
