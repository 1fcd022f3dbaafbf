"""One key of one index, read from its greatest end in pages: the run of a list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from fraudshield.aws import client
from fraudshield.dynamo.record import attributes
from fraudshield.history.sorted_run import Position
from fraudshield.text.timestamp import instant

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

TICK = timedelta(microseconds=1)  # what stored times tell apart


@dataclass(frozen=True, slots=True)
class Index:
    """An index by name, its key, and the attribute that it is sorted by, with DynamoDB's letter for its type."""

    name: str
    key: str
    sort: str = "occurred_at"
    kind: str = "S"


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a row must be to be shown: expressions, and the values in them."""

    expressions: Sequence[str] = ()
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunPage:
    """Some rows of a run, up to where it was read (None: to its end), and how many rows that were."""

    rows: Sequence[Position["Item"]]
    seen: Position["Item"] | None
    examined: int


@dataclass(frozen=True, slots=True)
class SortedRunQuery:
    """`number` is the run's position among its list's; `span` are the least and greatest sort value, both included."""

    table: str
    number: int
    index: Index
    key: str
    conditions: Conditions
    span: tuple[str, str] | None = None

    def read(self, after: Position["Item"] | None, most: int) -> RunPage:
        """The next rows, of at most so many that are looked at. Raises botocore's errors."""
        asked = self._asked(after)
        if asked is None:
            return RunPage((), None, 0)
        page: Any = client.dynamodb().query(**asked, Limit=most, ScanIndexForward=False)
        rows = [self._position(item, item) for item in page["Items"]]
        last = page.get("LastEvaluatedKey")
        return RunPage(rows, self._position(last, last) if last else None, page["ScannedCount"])

    def _asked(self, after: Position["Item"] | None) -> dict[str, Any] | None:
        """None where nothing can be left, which DynamoDB would refuse to look for."""
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

    def _span(self, after: Position["Item"] | None) -> tuple[str, str] | None:
        """After another run's position: in the runs before that, rows of the same value have been; in others not."""
        if self.span is None or after is None or after.run == self.number:
            return self.span
        first, last = self.span
        value = str(after.value)
        return first, min(last, before(value) if self.number < after.run else value)

    def _start(self, after: Position["Item"]) -> "Item":
        sort: Any = {self.index.kind: str(after.value)}
        return {**after.key, **attributes({self.index.key: self.key}), self.index.sort: sort}

    def _position(self, item: "Item", key: "Item") -> Position["Item"]:
        sort: Any = item[self.index.sort]
        text = sort[self.index.kind]
        return Position(self.number, Decimal(text) if self.index.kind == "N" else text, key)


def before(value: str) -> str:
    """The instant just before another, both as they are stored."""
    return instant(datetime.fromisoformat(value) - TICK)
