"""What a service stands on outside of itself, and whether it answers: asked in parallel, in bounded time."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.aws import client
from fraudshield.budget import ATTEMPTS, HEALTH_CACHE_S, PROBE_S
from fraudshield.errors import Unavailable

Question = Callable[[], object]
NOBODY = {"S": "-"}  # a key that no item has: it costs a read of nothing


@dataclass(frozen=True, slots=True)
class Dependency:
    """Something that a service stands on, and the `code` of its absence.

    `connect` makes what is needed before the clock starts, and returns the question, which raises without an answer.
    """

    name: str
    code: str
    connect: Callable[[], Question]


@dataclass(frozen=True, slots=True)
class Needs:
    """What a service stands on: without one of each of `vital` it cannot work, without those `besides` in part."""

    vital: Sequence[Sequence[Dependency]]
    besides: Sequence[Dependency] = ()

    @property
    def all(self) -> list[Dependency]:
        """Every dependency."""
        return [*chain.from_iterable(self.vital), *self.besides]


@dataclass(frozen=True, slots=True)
class Missing:
    """What does not answer; `fatal` are those without which the service cannot work."""

    codes: tuple[str, ...] = ()
    fatal: tuple[str, ...] = ()


class DependencyCheck:
    """Asks what a service needs, at most once in `HEALTH_CACHE_S`, and waits no longer than `PROBE_S` for all of it."""

    def __init__(self, needs: Needs, clock: Callable[[], float] = time.monotonic, wait_s: float | None = None) -> None:
        self._needs = needs
        self._wait_s = PROBE_S if wait_s is None else wait_s
        self._clock = clock
        self._pool = ThreadPoolExecutor(2 * len(needs.all) or 1, thread_name_prefix="health")
        self._found = Missing()
        self._fresh_until = float("-inf")

    def missing(self) -> Missing:
        """What does not answer now, or did not a moment ago. Never raises."""
        if self._clock() >= self._fresh_until:
            self._found = self._look()
            self._fresh_until = self._clock() + HEALTH_CACHE_S
        return self._found

    def _look(self) -> Missing:
        questions = {one.name: one.connect() for one in self._needs.all}
        asked = {name: self._pool.submit(_answered, question) for name, question in questions.items()}
        wait(asked.values(), timeout=self._wait_s)
        there = {name for name, future in asked.items() if future.done() and future.result()}
        for future in asked.values():
            future.cancel()  # those that found no thread: all are held by calls that never end
        gone = [one for one in self._needs.all if one.name not in there]
        fatal = [group for group in self._needs.vital if not any(one.name in there for one in group)]
        return Missing(_codes(gone), tuple(one.name for group in fatal for one in group))


def _answered(question: Question) -> bool:
    for _ in range(ATTEMPTS):
        try:
            question()
        except (BotoCoreError, ClientError, Unavailable):
            continue
        return True
    return False


def _codes(gone: Sequence[Dependency]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.code for one in gone))


def table(what: str, name: str, *key: str) -> Dependency:
    """The table of something; `key` are the attributes of its key."""
    item: Any = dict.fromkeys(key, NOBODY)

    def connect() -> Question:
        return partial(client.patient_dynamodb().get_item, TableName=name, Key=item)

    return Dependency(f"the table of {what}", "store_unavailable", connect)


def queue(what: str, url: str) -> Dependency:
    """The queue of something."""

    def connect() -> Question:
        return partial(client.sqs().get_queue_attributes, QueueUrl=url, AttributeNames=["QueueArn"])

    return Dependency(f"the queue of {what}", "queue_unavailable", connect)


def bucket(what: str, name: str) -> Dependency:
    """The bucket of something."""
    return Dependency(
        f"the bucket of {what}", "files_unavailable", lambda: partial(client.s3().head_bucket, Bucket=name)
    )


def machine(what: str, arn: str) -> Dependency:
    """The state machine of something."""

    def connect() -> Question:
        return partial(client.stepfunctions().describe_state_machine, stateMachineArn=arn)

    return Dependency(f"the state machine of {what}", "runner_unavailable", connect)
