"""Items written into the engine's SQLite file itself: a million take minutes, and hours through its API.

Rows are those that the engine writes (a test compares them), but nothing of it is in the stream, and no index is taken
out of: for items that are new, written while nobody else writes.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from tests.store.item_size import item_bytes

Item = Mapping[str, Any]
AT_ONCE, WAIT_S = 10_000, 60.0
DIGITS, EXPONENT_0 = 40, 5_000  # of a number as the engine sorts it


@dataclass(frozen=True, slots=True)
class Index:
    """The table or one of its indexes: its name, key, and what it keeps of an item (all where it is nothing)."""

    name: str
    key: Sequence[str]
    kept: frozenset[str] | None


def write(database: Path, table: str, items: Iterable[Item]) -> None:
    """Writes new items of a table and of its indexes."""
    with closing(sqlite3.connect(database, timeout=WAIT_S)) as connection:
        base, *indexes = _indexes(connection, table)
        left = iter(items)
        while some := [_kept(item) for item in islice(left, AT_ONCE)]:
            with connection:
                _insert(connection, base.name, [_row(item, base) for item in some])
                for index in indexes:
                    _insert(connection, index.name, [_index_row(item, base, index) for item in _held(some, index)])


def sortable(value: Mapping[str, str]) -> str:
    """A key as the engine keeps it. Numbers: above nought only."""
    [(kind, content)] = value.items()
    if kind == "S":
        return f"S:{content}"
    sign, digits, exponent = Decimal(content).normalize().as_tuple()
    if kind != "N" or sign or not any(digits) or not isinstance(exponent, int):
        raise ValueError(f"a key of text or of a number above nought is expected: {value}")
    text = "".join(map(str, digits))
    return f"N:2{EXPONENT_0 + len(text) + exponent}{text:0<{DIGITS}}"


def _kept(item: Item) -> dict[str, Any]:
    return {name: _kept_value(value) for name, value in item.items()}


def _kept_value(value: Mapping[str, Any]) -> dict[str, Any]:
    """A value as DynamoDB keeps it: numbers without noughts at their end."""
    [(kind, content)] = value.items()
    if kind == "N":
        return {"N": content if content.isdecimal() else format(Decimal(content).normalize() + 0, "f")}
    if kind == "L":
        return {"L": [_kept_value(member) for member in content]}
    return {"M": _kept(content)} if kind == "M" else dict(value)


def _indexes(connection: sqlite3.Connection, table: str) -> Iterator[Index]:
    asked = "SELECT key_schema, gsi_definitions FROM _tables WHERE table_name = ?"
    [(key, definitions)] = connection.execute(asked, (table,))
    base = _names(json.loads(key))
    yield Index(table, base, None)
    for one in json.loads(definitions or "[]"):
        own, projection = _names(one["KeySchema"]), one["Projection"]
        every = projection["ProjectionType"] == "ALL"
        kept = None if every else frozenset((*base, *own, *projection.get("NonKeyAttributes", ())))
        yield Index(f"{table}::gsi::{one['IndexName']}", own, kept)


def _names(key_schema: Any) -> list[str]:
    return [one["AttributeName"] for one in key_schema]


def _held(items: Sequence[Item], index: Index) -> list[Item]:
    return [item for item in items if all(name in item for name in index.key)]


def _key(item: Item, names: Sequence[str]) -> tuple[str, str]:
    found = [sortable(item[name]) for name in names]
    return found[0], found[1] if len(found) > 1 else ""


def _row(item: Item, base: Index) -> tuple[object, ...]:
    [spelled] = item[base.key[0]].values()
    # The digest by which it cuts a table into segments: dynalite's, which it follows.
    prefix = hashlib.md5(f"Outliers{spelled}".encode(), usedforsecurity=False).hexdigest()[:6]
    return (*_key(item, base.key), json.dumps(item), item_bytes(item), None, prefix)


def _index_row(item: Item, base: Index, index: Index) -> tuple[object, ...]:
    kept = item if index.kept is None else {name: value for name, value in item.items() if name in index.kept}
    return (*_key(item, index.key), *_key(item, base.key), json.dumps(kept))


def _insert(connection: sqlite3.Connection, name: str, rows: Sequence[tuple[object, ...]]) -> None:
    if rows:
        places = ", ".join("?" * len(rows[0]))
        connection.executemany(f'INSERT INTO "{name}" VALUES ({places})', rows)
