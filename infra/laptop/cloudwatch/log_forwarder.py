"""CloudWatch Logs' deliveries: what functions and the gateway log, gathered and sent to the functions that subscribed.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
"""

import asyncio
import gzip
import json
import logging
import time
from base64 import b64encode
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from infra.laptop.awslambda.invocation import Invocation
from infra.laptop.cloudwatch.log_subscription import LogSubscription
from infra.laptop.intrinsic import PSEUDO

FLUSH_S = 1.0
AT_ONCE = 1000
AT_ONCE_BYTES = 512 * 1024  # packed and in base64 still below what an event may have
LINE_CHARACTERS = 64 * 1024  # what is longer is cut
MOST = 20_000  # that wait for a subscriber; older ones go

InvokeEvent = Callable[[str, bytes], Awaitable[Invocation]]
LogEvent = Mapping[str, Any]

logger = logging.getLogger(__name__)


class LogForwarder:
    """Delivers log lines on one event loop. `groups` says whose log goes where; `access_log` is the gateway's group."""

    def __init__(
        self, subscriptions: Sequence[LogSubscription], groups: Mapping[str, str], access_log: str | None
    ) -> None:
        self._groups = groups
        self._access_log = access_log
        self._waiting = [(one, deque[LogEvent](maxlen=MOST)) for one in subscriptions]
        self._count = 0

    def line(self, function: str, text: str) -> None:
        """Take a line that a function wrote."""
        self._hear(self._groups.get(function), text)

    def request(self, text: str) -> None:
        """Take a line of the gateway's access log."""
        self._hear(self._access_log, text)

    async def run(self, invoke: InvokeEvent) -> None:
        """Deliver until cancelled."""
        while True:
            await asyncio.sleep(FLUSH_S)
            await self.flush(invoke)

    async def flush(self, invoke: InvokeEvent) -> None:
        """Deliver all that has been taken. Lambda tries a failed delivery twice more, and then it is gone."""
        for subscription, waiting in self._waiting:
            while waiting:
                told = await invoke(subscription.function, log_event(subscription, _portion(waiting)))
                if told.error is not None:
                    logger.warning("%s was not told: %s", subscription.function, told.error_type)

    def _hear(self, group: str | None, text: str) -> None:
        for subscription, waiting in self._waiting:
            if subscription.group == group and subscription.pattern.matches(text):
                self._count += 1
                now_ms = time.time_ns() // 1_000_000
                message = text[:LINE_CHARACTERS].replace("\r", "\n")
                waiting.append({"id": f"{now_ms:028d}{self._count:028d}", "timestamp": now_ms, "message": message})


def log_event(subscription: LogSubscription, events: Sequence[LogEvent]) -> bytes:
    """The event for one delivery."""
    content = {
        "messageType": "DATA_MESSAGE",
        "owner": PSEUDO["AWS::AccountId"],
        "logGroup": subscription.group,
        "logStream": "laptop",
        "subscriptionFilters": [subscription.name],
        "logEvents": list(events),
    }
    packed = gzip.compress(json.dumps(content).encode())
    return json.dumps({"awslogs": {"data": b64encode(packed).decode()}}).encode()


def _portion(waiting: "deque[LogEvent]") -> list[LogEvent]:
    taken: list[LogEvent] = []
    size = 0
    while waiting and len(taken) < AT_ONCE and (size < AT_ONCE_BYTES):
        taken.append(waiting.popleft())
        size += len(taken[-1]["message"].encode())
    return taken
