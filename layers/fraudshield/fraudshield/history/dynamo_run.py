"""A sorted run of a list: the rows under one key of an index, greatest first, read in pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from fraudshield.aws import client
from fraudshield.dynamo.batch_read import KEYS_PER_READ, read_items
from fraudshield.dynamo.record import attributes
from fraudshield.history.dynamo_condition import RowCondition, filter_of
from fraudshield.history.sorted_run import RunPosition
from fraudshield.text.timestamp import instant

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

TICK = timedelta(microseconds=1)  # the resolution of stored times
KEYS = ("transaction_id", "record")
# What rows show, and the indexes carry but for what each of them leaves out.
LISTED = frozenset(
    {
        *("type", "amount", "nameOrig", "nameDest", "outcome", "risk", "source", "label", "event_type", "shown"),
        *("occurred_at", "decided_at", *KEYS),
    }
)


@dataclass(frozen=True, slots=True)
class Index:
    """An index by name, its key, the attribute that it is sorted by with DynamoDB's letter for its type.

    `lacks` is what rows show and the index does not carry; `carries` what it has beside that.
    """

    name: str
    key: str
    sort: str = "occurred_at"
    kind: str = "S"
    lacks: frozenset[str] = frozenset()
    carries: frozenset[str] = frozenset()

    def has(self, needed: set[str]) -> bool:
        """Whether it carries all of these."""
        return needed <= (LISTED - self.lacks) | self.carries | {self.key, self.sort}


@dataclass(frozen=True, slots=True)
class RunPage:
    """A page of a run: its rows, up to where it was read (None: to the end), and how many rows were examined."""

    rows: Sequence[RunPosition["Item"]]
    seen: RunPosition["Item"] | None
    examined: int


@dataclass(frozen=True, slots=True)
class SortedRunQuery:
    """Queries a run. `number` is its index among the runs; `span` are the least and greatest sort value, inclusive.

    Conditions on what the index does not carry are tested on the items themselves, which are read for it.
    """

    table: str
    number: int
    index: Index
    key: str
    conditions: Sequence[RowCondition] = ()
    span: tuple[str, str] | None = None

    def read(self, after: RunPosition["Item"] | None, most: int) -> RunPage:
        """Reads the next rows, and examines at most so many. Raises botocore's errors."""
        asked = self._asked(after)
        if asked is None:
            return RunPage((), None, 0)
        page: Any = client.dynamodb().query(**asked, Limit=most, ScanIndexForward=False)
        rows = [self._position(item, item) for item in self._completed(page["Items"])]
        last = page.get("LastEvaluatedKey")
        return RunPage(rows, self._position(last, last) if last else None, page["ScannedCount"])

    def _completed(self, rows: "list[Item]") -> "list[Item]":
        """The rows with what the index does not carry, as far as it is needed; what is erased by now is left out."""
        tested = [one for one in self.conditions if not self.index.has(one.attributes)]
        needed = sorted(self.index.lacks.union(*(one.attributes for one in tested)))
        if not rows or not needed:
            return rows
        hundreds = [rows[at : at + KEYS_PER_READ] for at in range(0, len(rows), KEYS_PER_READ)]
        found = {_name(item): item for some in hundreds for item in self._items(some, needed)}
        whole = [{**row, **found[_name(row)]} for row in rows if _name(row) in found]
        return [row for row in whole if all(one.holds(row) for one in tested)]

    def _items(self, rows: "Sequence[Item]", needed: Sequence[str]) -> "list[Item]":
        names = {f"#n{at}": name for at, name in enumerate((*KEYS, *needed))}
        asked = {
            "Keys": [{name: row[name] for name in KEYS} for row in rows],
            "ProjectionExpression": ", ".join(names),
            "ExpressionAttributeNames": names,
        }
        return read_items(client.dynamodb().batch_get_item, self.table, asked)

    def _asked(self, after: RunPosition["Item"] | None) -> dict[str, Any] | None:
        """Makes the request; None where no row can be left, since DynamoDB refuses an empty range."""
        values: dict[str, Any] = attributes({":key": self.key})
        names = {"#key": self.index.key}
        condition = "#key = :key"
        span = self._span(after)
        if span is not None:
            if span[0] > span[1]:
                return None
            condition += " AND #sort BETWEEN :first AND :last"
            names["#sort"] = self.index.sort
            values |= attributes({":first": span[0], ":last": span[1]})
        elif after is not None and after.run != self.number:
            condition += f" AND #sort {'<' if self.number < after.run else '<='} :last"
            names["#sort"] = self.index.sort
            values[":last"] = {self.index.kind: str(after.value)}
        carried = [one for one in self.conditions if self.index.has(one.attributes)]
        filtered = filter_of(carried, names, values)
        asked: dict[str, Any] = {
            "TableName": self.table,
            "IndexName": self.index.name,
            "KeyConditionExpression": condition,
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
        }
        if filtered:
            asked["FilterExpression"] = filtered
        if after is not None and after.run == self.number:
            asked["ExclusiveStartKey"] = self._start(after)
        return asked

    def _span(self, after: RunPosition["Item"] | None) -> tuple[str, str] | None:
        """The span after a position; rows of equal value in runs before its own have been shown already.

        None where the run has no span: what comes after a position of another run has a bound then.
        """
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


def _name(item: "Item") -> tuple[str, str]:
    return item["transaction_id"]["S"], item["record"]["S"]
