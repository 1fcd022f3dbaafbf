"""Opens and closes breakers in the item of what is in force, by the counts of the last payments.

It is looked after each batch in which something was blocked, and once a minute where something is open.
"""

import json
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.analytics.block.block import KEPT_DAYS, minute_in, series
from fraudshield.analytics.block.breaker import State, limits_in, next_state, open_codes
from fraudshield.analytics.category.category import BUILT_IN
from fraudshield.aws import client
from fraudshield.dynamo.record import attributes
from fraudshield.dynamo.write import condition_failed
from fraudshield.errors import StoreUnavailable
from fraudshield.policy.limit.limit import LEAST_PAYMENTS, TIMES_TESTED, Minute, recent, tally
from fraudshield.telemetry import logger, observe_count, observe_ratio
from fraudshield.text.json_text import json_text
from fraudshield.text.timestamp import instant

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

IN_FORCE: "Item" = {"name": {"S": "in_force"}, "version": {"N": "0"}}
LOOK_S = 60.0  # between looks whether what is open can be closed
TIMES = 5  # that something else may be put in force meanwhile
PAGE = 200  # minutes: an hour has sixty, and the last hundred payments are seldom older
NO_COUNTERS = frozenset({"series", "bucket", "expires_at"})


@dataclass(slots=True)
class BreakerSwitch:
    """Reads counts in one table and what is in force in another; `next_look_s` is in `time.monotonic()` seconds."""

    aggregates_table: str
    documents_table: str
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    next_look_s: float = 0.0

    def look(self, blocking: Collection[str]) -> None:
        """Opens and closes what is to be, of these event types and of those with an open breaker. Safe to repeat.

        Raises:
            StoreUnavailable: it is not known what is open now.
        """
        if not blocking and time.monotonic() < self.next_look_s:
            return
        for _ in range(TIMES):
            body = self._in_force()
            changed = self._changed(body, blocking)
            breakers = body.get("breakers", {}) | changed
            if not changed or self._put(body | {"breakers": breakers, "revision": body.get("revision", 0) + 1}):
                self.next_look_s = time.monotonic() + LOOK_S
                _tell(breakers, changed)
                return
        raise StoreUnavailable("What is in force changed again and again")

    def _changed(self, body: State, blocking: Collection[str]) -> dict[str, State]:
        breakers, policies, now = body.get("breakers", {}), body.get("policies", {}), self.clock()
        found = {}
        for name in {*blocking, *(name for name, one in breakers.items() if open_codes(one, one["version"]))}:
            before, pointer = breakers.get(name), policies.get(name) or policies.get(BUILT_IN)
            minutes = recent(self._minutes(name, now, before), now)
            version = pointer["version"] if pointer else max((one for at in minutes for one in at.payments), default=1)
            counted = tally(minutes, version)
            if state := next_state(before, version, counted, limits_in(pointer), instant(now)):
                found[name] = state
        return found

    def _minutes(self, event_type: str, now: datetime, state: State | None) -> Iterator[tuple[datetime, Minute]]:
        """Newest first; from the minute on after the one in which somebody closed the breaker by hand."""
        first = (now - timedelta(days=KEPT_DAYS)).isoformat()[:16]
        if state is not None and state.get("closed_at"):
            first = max(first, state["closed_at"][:16] + ":")
        values = attributes({":series": series(event_type), ":first": first})
        asked: dict[str, Any] = {
            "TableName": self.aggregates_table,
            "KeyConditionExpression": "series = :series AND #bucket >= :first",
            "ExpressionAttributeNames": {"#bucket": "bucket"},
            "ExpressionAttributeValues": values,
            "ScanIndexForward": False,
            "ConsistentRead": True,
            "Limit": PAGE,
        }
        start: Any = {}
        while start is not None:
            page = _asked(partial(client.counting_dynamodb().query, **asked, **start))
            for item in page["Items"]:
                numbers = {name: Decimal(one["N"]) for name, one in item.items() if name not in NO_COUNTERS}
                yield datetime.fromisoformat(item["bucket"]["S"]).replace(tzinfo=UTC), minute_in(numbers)
            last = page.get("LastEvaluatedKey")
            start = {"ExclusiveStartKey": last} if last else None

    def _in_force(self) -> dict[str, Any]:
        table = self.documents_table
        found = _asked(lambda: client.counting_dynamodb().get_item(TableName=table, Key=IN_FORCE, ConsistentRead=True))
        body: dict[str, Any] = json.loads(found["Item"]["body"]["S"]) if "Item" in found else {}
        return body

    def _put(self, body: State) -> bool:
        """Whether it was, since nothing else has been put in force meanwhile."""
        item: Item = {**IN_FORCE, "body": {"S": json_text(body)}, "revision": {"N": str(body["revision"])}}
        try:
            client.counting_dynamodb().put_item(
                TableName=self.documents_table,
                Item=item,
                ConditionExpression="attribute_not_exists(#name) OR revision = :before",
                ExpressionAttributeNames={"#name": "name"},
                ExpressionAttributeValues={":before": {"N": str(body["revision"] - 1)}},
            )
        except (BotoCoreError, ClientError) as exc:
            if isinstance(exc, ClientError) and condition_failed(exc):
                return False
            raise StoreUnavailable(f"A breaker was not opened or closed: {type(exc).__name__}") from exc
        return True


def _tell(breakers: Mapping[str, State], changed: Mapping[str, State]) -> None:
    """Says what was opened and closed, and counts what is open, for the alarms: by what changed, policy or traffic."""
    for name, state in changed.items():
        logger.warning("breaker", event_type=name, **state)
    for state in breakers.values():
        if not open_codes(state, state["version"]):
            continue
        if state["cause"] == "traffic":
            times = TIMES_TESTED * state["blocked"] / max(state["payments"], LEAST_PAYMENTS) / state["share"]
            observe_ratio("BlockRateRatio", max(TIMES_TESTED, times))
        else:
            observe_count("PolicyOverLimit", 1)


def _asked(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except (BotoCoreError, ClientError) as exc:
        raise StoreUnavailable(f"What was blocked cannot be read: {type(exc).__name__}") from exc
