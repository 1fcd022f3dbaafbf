"""Calls of the API, counted in DynamoDB by route and hour: each delivery once, whenever it comes again."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from fraudshield.aws import client
from fraudshield.budget import BACK_OFF_S, LIST_S
from fraudshield.dynamo.attempt import back_off
from fraudshield.dynamo.call import BoundedCalls
from fraudshield.dynamo.page import items
from fraudshield.dynamo.record import attributes
from fraudshield.dynamo.write import CONDITION_FAILED, CONFLICT, cancellation_reasons
from fraudshield.errors import StoreUnavailable
from fraudshield.monitoring.api_call import Counts, RouteHour, hour

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

    from fraudshield.dynamo.record import Item

MOST_ITEMS = 24  # of one transaction beside its mark: it could be 99, but is to end within a read's time-out
MARK_DAYS = 2  # Lambda gives an event up after six hours
DAY = timedelta(days=1)
KEY_ATTRIBUTES = {"series", "at", "expires_at"}


@dataclass(frozen=True, slots=True)
class DynamoApiUsage:
    """Counts calls in one table, whose counts age out after `days`."""

    table: str
    calls: BoundedCalls
    days: int

    def count(self, delivery: str, counts: Mapping[RouteHour, Counts], stop_at: float) -> None:
        """Adds the counts unless this delivery was added before: mark and counts are one transaction.

        Of very many routes there are several transactions, each with a mark: `counts` has to come in the same order.

        Raises:
            StoreUnavailable: not all were added by `stop_at`; those that were are not added again.
        """
        entries = list(counts.items())
        for number, first in enumerate(range(0, len(entries), MOST_ITEMS)):
            writes = [self._mark(delivery, number), *map(self._addition, entries[first : first + MOST_ITEMS])]
            while not self._added(writes, stop_at):
                back_off(BACK_OFF_S)

    def since(self, first: datetime, now: datetime) -> Mapping[RouteHour, Counts]:
        """Returns the counts of every hour from `first` to the present, by a query a day. Raises StoreUnavailable.

        So it costs the same however many calls there were.
        """
        client.dynamodb()  # made before the clock starts
        days = [first.date() + number * DAY for number in range((now.date() - first.date()).days + 1)]
        queries = [partial(self._day, day.isoformat(), hour(first), hour(now)) for day in days]
        found: dict[RouteHour, Counts] = {}
        for day in self.calls.each(queries, time.monotonic() + LIST_S):
            if isinstance(day, StoreUnavailable):
                raise day
            found |= {_route_hour(item): _counts(item) for item in day}
        return found

    def _added(self, writes: "Sequence[TransactWriteItemTypeDef]", stop_at: float) -> bool:
        [done] = self.calls.each([partial(_written, writes)], stop_at)
        if isinstance(done, StoreUnavailable):
            raise done
        return done

    def _mark(self, delivery: str, number: int) -> "TransactWriteItemTypeDef":
        expires_at = int(datetime.now(UTC).timestamp()) + int(timedelta(days=MARK_DAYS).total_seconds())
        mark = {"series": f"delivery#{delivery}", "at": f"{number:03d}", "expires_at": expires_at}
        return {
            "Put": {
                "TableName": self.table,
                "Item": attributes(mark),
                "ConditionExpression": "attribute_not_exists(series)",
            }
        }

    def _addition(self, entry: tuple[RouteHour, Counts]) -> "TransactWriteItemTypeDef":
        at, counts = entry
        expires = datetime.fromisoformat(f"{at.hour}:00:00+00:00") + timedelta(days=self.days)
        numbered = list(enumerate(counts.items()))
        values = {":expires": int(expires.timestamp()), **{f":v{n}": value for n, (_, value) in numbered}}
        return {
            "Update": {
                "TableName": self.table,
                "Key": attributes({"series": _series(at.hour[:10]), "at": f"{at.hour}#{at.method} {at.route}"}),
                "UpdateExpression": f"SET expires_at = :expires ADD {', '.join(f'#n{n} :v{n}' for n, _ in numbered)}",
                "ExpressionAttributeNames": {f"#n{n}": name for n, (name, _) in numbered},
                "ExpressionAttributeValues": attributes(values),
            }
        }

    def _day(self, day: str, first: str, last: str) -> "Sequence[Item]":
        values: Item = attributes({":series": _series(day), ":first": first, ":last": f"{last}~"})
        asked = {
            "TableName": self.table,
            "KeyConditionExpression": "series = :series AND #at BETWEEN :first AND :last",
            "ExpressionAttributeNames": {"#at": "at"},
            "ExpressionAttributeValues": values,
        }
        return list(items(client.dynamodb().query, asked))


def _written(writes: "Sequence[TransactWriteItemTypeDef]") -> bool:
    """Writes unless it was done before; False where another was writing one of the items. Raises botocore's errors."""
    try:
        client.dynamodb().transact_write_items(TransactItems=writes)
    except ClientError as exc:
        reasons = cancellation_reasons(exc)
        if reasons[:1] == [CONDITION_FAILED]:  # the mark is there
            return True
        if CONFLICT in reasons:
            return False
        raise
    return True


def _series(day: str) -> str:
    return f"usage#{day}"


def _route_hour(item: "Item") -> RouteHour:
    at, _, called = item["at"]["S"].partition("#")
    method, _, route = called.partition(" ")
    return RouteHour(at, method, route)


def _counts(item: "Item") -> Counts:
    return {name: int(value["N"]) for name, value in item.items() if name not in KEY_ATTRIBUTES}
