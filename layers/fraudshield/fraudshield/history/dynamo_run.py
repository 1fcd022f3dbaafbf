"""A sorted run of a list: the rows under one key of an index, greatest first, read in pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from fraudshield.aws import client
from fraudshield.dynamo.record import attributes
from fraudshield.history.sorted_run import RunPosition
from fraudshield.text.timestamp import instant

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

TICK = timedelta(microseconds=1)  # the resolution of stored times


@dataclass(frozen=True, slots=True)
class Index:
    """An index by name, its key, and the attribute that it is sorted by, with DynamoDB's letter for its type."""

    name: str
    key: str
    sort: str = "occurred_at"
    kind: str = "S"


@dataclass(frozen=True, slots=True)
class Conditions:
    """The conditions of a row that is shown: expressions, and the values in them."""

    expressions: Sequence[str] = ()
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunPage:
    """A page of a run: its rows, up to where it was read (None: to the end), and how many rows were examined."""

    rows: Sequence[RunPosition["Item"]]
    seen: RunPosition["Item"] | None
    examined: int


@dataclass(frozen=True, slots=True)
class SortedRunQuery:
    """Queries a run. `number` is its index among the runs; `span` are the least and greatest sort value, inclusive."""

    table: str
    number: int
    index: Index
    key: str
    conditions: Conditions
    span: tuple[str, str] | None = None

    def read(self, after: RunPosition["Item"] | None, most: int) -> RunPage:
        """Reads the next rows, and examines at most so many. Raises botocore's errors."""
        asked = self._asked(after)
        if asked is None:
            return RunPage((), None, 0)
        page: Any = client.dynamodb().query(**asked, Limit=most, ScanIndexForward=False)
        rows = [self._position(item, item) for item in page["Items"]]
        last = page.get("LastEvaluatedKey")
        return RunPage(rows, self._position(last, last) if last else None, page["ScannedCount"])

    def _asked(self, after: RunPosition["Item"] | None) -> dict[str, Any] | None:
        """Makes the request; None where no row can be left, since DynamoDB refuses an empty range."""
        values: Item = {**attributes({":key": self.key}), **self.conditions.values}
        names = {"#key": self.index.key, "#record": "record", "#type": "type", "#source": "source"}
        condition = "#key = :key"
        span = self._span(after)
        if span is not None:
            if span[0] > span[1]:
                return None
            condition += " AND #sort BETWEEN :first AND :last"
            names["#sort"] = self.index.sort
            values |= attributes({":first": span[0], ":last": span[1]})
        asked: dict[str, Any] = {
            "TableName": self.table,
            "IndexName": self.index.name,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": values,
        }
        if self.conditions.expressions:
            asked["FilterExpression"] = " AND ".join(self.conditions.expressions)
        used = condition + asked.get("FilterExpression", "")
        asked["ExpressionAttributeNames"] = {name: value for name, value in names.items() if name in used}
        if after is not None and after.run == self.number:
            asked["ExclusiveStartKey"] = self._start(after)
        return asked

    def _span(self, after: RunPosition["Item"] | None) -> tuple[str, str] | None:
        """The span after a position; rows of equal value in runs before its own have been shown already."""
        if self.span is None or after is None or after.run == self.number:
            return self.span
        first, last = self.span
        value = str(after.value)
        return first, min(last, before(value) if self.number < after.run else value)

    def _start(self, after: RunPosition["Item"]) -> "Item":
        sort: Any = {self.index.kind: str(after.value)}
        return {**after.key, **attributes({self.index.key: self.key}), self.index.sort: sort}

    def _position(self, item: "Item", key: "Item") -> RunPosition["Item"]:
        sort: Any = item[self.index.sort]
        text = sort[self.index.kind]
        return RunPosition(self.number, Decimal(text) if self.index.kind == "N" else text, key)


def before(value: str) -> str:
    """Returns the instant just before another, both as they are stored."""
    return instant(datetime.fromisoformat(value) - TICK)
