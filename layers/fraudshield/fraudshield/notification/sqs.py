"""The dispatcher's wake-up: a message in a queue, delayed where there is nothing to do before.

An idle system wakes nobody. Of runs that are to come one is enough, so the next one is noted in the table.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from fraudshield.aws import client
from fraudshield.dynamo.call import PatientCalls
from fraudshield.dynamo.record import attributes
from fraudshield.errors import QueueUnavailable, StoreUnavailable
from fraudshield.notification.dynamo_item import MAIL_KEPT, RUN, expiry, key
from fraudshield.text.timestamp import instant

LONGEST = timedelta(minutes=15)  # SQS delays no message longer: what is due later has runs in between
NEAR = timedelta(seconds=5)  # clocks differ: a run this near may have begun
NEXT = "next"


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
        seconds = math.ceil(delay.total_seconds())
        try:  # two messages for one wake-up would be two runs, of which one finds nothing to do
            self.calls.one(
                partial(client.sqs().send_message, QueueUrl=self.queue_url, MessageBody="{}", DelaySeconds=seconds)
            )
        except StoreUnavailable as exc:
            raise QueueUnavailable(f"The dispatcher cannot be woken: {exc}") from exc
        if delay:
            self._note(now + delay, now)

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
