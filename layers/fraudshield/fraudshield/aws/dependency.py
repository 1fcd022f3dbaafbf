"""What a service stands on outside of itself, and whether it answers: asked in parallel, in bounded time."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import chain

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.aws import client
from fraudshield.budget import ATTEMPTS, HEALTH_CACHE_S, PROBE_S
from fraudshield.errors import Unavailable

NOBODY = {"S": "-"}  # a key that no item has: it costs a read of nothing


@dataclass(frozen=True, slots=True)
class Dependency:
    """Something that a service stands on. `ask` raises where it does not answer, which is then called `code`.

    `connect` makes what `ask` needs, before the clock starts; neither is told apart by it.
    """

    name: str
    code: str
    ask: Callable[[], object]
    connect: Callable[[], object] = lambda: None


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

    def __init__(self, needs: Needs, clock: Callable[[], float] = time.monotonic) -> None:
        self._needs = needs
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
        for one in self._needs.all:
            one.connect()
        asked = {one.name: self._pool.submit(_answers, one) for one in self._needs.all}
        wait(asked.values(), timeout=PROBE_S)
        there = {name for name, future in asked.items() if future.done() and future.result()}
        for future in asked.values():
            future.cancel()  # those that found no thread: all are held by calls that never end
        gone = [one for one in self._needs.all if one.name not in there]
        fatal = [group for group in self._needs.vital if not any(one.name in there for one in group)]
        return Missing(_codes(gone), tuple(one.name for group in fatal for one in group))


def _answers(one: Dependency) -> bool:
    for _ in range(ATTEMPTS):
        try:
            one.ask()
        except (BotoCoreError, ClientError, Unavailable):
            continue
        return True
    return False


def _codes(gone: Sequence[Dependency]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.code for one in gone))


def table(name: str, *key: str) -> Dependency:
    """A table; `key` are the attributes of its key."""
    item = dict.fromkeys(key, NOBODY)
    return Dependency(
        f"table {'/'.join(key)}",
        "store_unavailable",
        lambda: client.patient_dynamodb().get_item(TableName=name, Key=item),  # type: ignore[arg-type]
        client.patient_dynamodb,
    )


def queue(name: str, url: str) -> Dependency:
    """A queue."""
    return Dependency(
        name,
        "queue_unavailable",
        lambda: client.sqs().get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"]),
        client.sqs,
    )


def bucket(name: str) -> Dependency:
    """A bucket."""
    return Dependency("bucket", "files_unavailable", lambda: client.s3().head_bucket(Bucket=name), client.s3)


def machine(arn: str) -> Dependency:
    """A state machine."""
    return Dependency(
        "state machine",
        "runner_unavailable",
        lambda: client.stepfunctions().describe_state_machine(stateMachineArn=arn),
        client.stepfunctions,
    )
