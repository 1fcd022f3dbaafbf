"""The dispatcher's wake-up: a message in a queue, delayed where there is nothing to do before.

An idle system wakes nobody. Of runs that are to come one is enough, so the next one is noted in the table.
"""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from fraudshield.aws import client
from fraudshield.dynamo.call import PatientCalls
from fraudshield.dynamo.record import attributes
from fraudshield.errors import Malformed, QueueUnavailable, StoreUnavailable
from fraudshield.notification.dynamo_item import MAIL_KEPT, RUN, expiry, key
from fraudshield.text import strict_json
from fraudshield.text.timestamp import instant

LONGEST = timedelta(minutes=15)  # SQS delays no message longer: what is due later has runs in between
NEAR = timedelta(seconds=5)  # clocks differ: a run this near may have begun
NEXT = "next"
NOTICE = "notice"  # in a message: that of a topic, which is still to be told of


@dataclass(frozen=True, slots=True)
class SqsWakeUp:
    """Implements the `WakeUp` port on a queue and a table."""

    queue_url: str
    table: str
    calls: PatientCalls
    clock: Callable[[], datetime]

    def wake(self, at: datetime) -> None:
        now = self.clock()
        delay = min(max(at - now, timedelta()), LONGEST)
        if delay and self._is_coming(now, now + delay):
            return
        self._send("{}", math.ceil(delay.total_seconds()))
        if delay:
            self._note(now + delay, now)

    def tell_later(self, notice: str) -> None:
        """Has the dispatcher's function tell of a topic's message. Raises QueueUnavailable."""
        self._send(json.dumps({NOTICE: notice}), 0)

    def _send(self, body: str, delay_s: int) -> None:
        """Sends a message. A second one, where a response was lost, is a run that finds nothing to do."""
        try:
            self.calls.one(
                partial(client.sqs().send_message, QueueUrl=self.queue_url, MessageBody=body, DelaySeconds=delay_s)
            )
        except StoreUnavailable as exc:
            raise QueueUnavailable(f"The dispatcher cannot be woken: {exc}") from exc

    def _is_coming(self, now: datetime, by: datetime) -> bool:
        found = self.calls.one(
            lambda: client.patient_dynamodb().get_item(TableName=self.table, Key=key(RUN, NEXT), ConsistentRead=True)
        )
        if "Item" not in found:
            return False
        coming = datetime.fromisoformat(found["Item"]["next_at"]["S"]).astimezone(UTC)
        return now + NEAR < coming <= by

    def _note(self, at: datetime, now: datetime) -> None:
        item = key(RUN, NEXT) | attributes({"next_at": instant(at)}) | expiry(now + MAIL_KEPT)
        self.calls.one(lambda: client.patient_dynamodb().put_item(TableName=self.table, Item=item))


def notice_of(body: str) -> str | None:
    """The topic's message in a message of the queue; None where it only wakes, or cannot be read."""
    try:
        read: Any = strict_json.parse(body.encode())
    except Malformed:
        return None
    found = read.get(NOTICE) if isinstance(read, dict) else None
    return found if isinstance(found, str) else None
