"""Entries of lists, read from DynamoDB for payments: a hundred keys a call, all calls at once."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from fraudshield.aws import client
from fraudshield.breaker import Breaker
from fraudshield.budget import VELOCITIES_S, VELOCITY_S
from fraudshield.dynamo.call import BoundedCalls, PendingCalls
from fraudshield.dynamo.page import batches
from fraudshield.dynamo.record import attributes
from fraudshield.errors import StoreUnavailable
from fraudshield.value_list.dynamo_item import ENTRY, PART, end_in, part_of
from fraudshield.value_list.dynamo_store import KEYS_PER_READ
from fraudshield.value_list.reader import ListKey, LookedUp

ABSENT = LookedUp(is_there=False)
READ = {"#part": PART, "#entry": ENTRY, "#ends_at": "ends_at", "#removed_at": "removed_at"}


@dataclass(frozen=True, slots=True)
class DynamoEntrySource:
    """The `EntrySource` port. Its `calls` have a breaker of their own: late is no reason to spare the store.

    `store` is the store's breaker: while that is open, nothing is asked here either.
    """

    table: str
    calls: BoundedCalls
    store: Breaker

    def begin(self, keys: Sequence[ListKey], payments: int) -> "PendingLookUps":
        if self.store.is_open:
            return PendingLookUps((), None)
        client.dynamodb()  # made before the clock starts
        stop_at = time.monotonic() + (VELOCITY_S if payments == 1 else VELOCITIES_S)
        hundreds = [keys[start : start + KEYS_PER_READ] for start in range(0, len(keys), KEYS_PER_READ)]
        return PendingLookUps(hundreds, self.calls.begin([partial(self._read, some) for some in hundreds], stop_at))

    def _read(self, keys: Sequence[ListKey]) -> Mapping[ListKey, LookedUp]:
        """Eventually consistent: that is half as dear, and a change counts within a minute either way."""
        by_place = {_place(key): key for key in keys}
        asked: Any = {
            "Keys": [attributes({PART: part, ENTRY: entry}) for part, entry in by_place],
            "ProjectionExpression": ", ".join(READ),
            "ExpressionAttributeNames": READ,
        }
        found = dict.fromkeys(keys, ABSENT)
        for response in batches(client.dynamodb().batch_get_item, {self.table: asked}, "UnprocessedKeys"):
            for item in response["Responses"].get(self.table, []):
                found[by_place[item[PART]["S"], item[ENTRY]["S"]]] = LookedUp(True, end_in(item))
        return found


@dataclass(frozen=True, slots=True)
class PendingLookUps:
    """Reads that are under way; without `calls` they were spared."""

    hundreds: Sequence[Sequence[ListKey]]
    calls: PendingCalls[Mapping[ListKey, LookedUp]] | None

    def results(self) -> Mapping[ListKey, LookedUp]:
        """What came in time."""
        found: dict[ListKey, LookedUp] = {}
        for one in self.calls.results() if self.calls else ():
            if not isinstance(one, StoreUnavailable):
                found |= one
        return found


def _place(key: ListKey) -> tuple[str, str]:
    name, digest = key
    entry = digest.hex()
    return part_of(name, entry), entry
