"""Tables that point-in-time recovery made, put into those of a stack: what is there already stays as it is.

DynamoDB restores into new tables only. Items are put one by one under a condition, so that it may be cut off, repeated,
and run while payments are scored. What is put into the table of transactions is in its stream like any payment, and so
it is counted.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any

from fraudshield.errors import InvalidInput

WRITERS, TOLD_EVERY = 16, 10_000
Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Restored:
    """How many items of a restored table were put, and how many were there already, the same or newer."""

    put: int
    there: int


def restore(source: Any, target: Any, tables: Mapping[str, str], tell: Callable[[str], Any]) -> dict[str, Restored]:
    """Copies what is missing from restored tables; `source` and `target` are clients of DynamoDB, often the same one.

    `tables` are names: of the table that takes, the restored one.

    Raises:
        InvalidInput: a restored table has another key, and so is another's; nothing was put into any.
        botocore's errors: DynamoDB refuses, or is not there. What was put stays; it may be repeated.
    """
    keys = {name: _key(target, name) for name in tables}
    for name, restored in tables.items():
        if _key(source, restored) != keys[name]:
            raise InvalidInput(f"{restored} has the key {_key(source, restored)}; expected {keys[name]}, as {name} has")
    return {name: _copied(source, target, name, restored, keys[name][0], tell) for name, restored in tables.items()}


def _key(client: Any, table: str) -> list[str]:
    return [one["AttributeName"] for one in client.describe_table(TableName=table)["Table"]["KeySchema"]]


def _copied(source: Any, target: Any, name: str, restored: str, key: str, tell: Callable[[str], Any]) -> Restored:
    put = seen = 0
    items = _items(source, restored)

    def one(item: Item) -> bool:
        return _put(target, name, item, key)

    with ThreadPoolExecutor(WRITERS) as writers:
        while some := list(islice(items, TOLD_EVERY)):
            put += sum(writers.map(one, some))
            seen += len(some)
            tell(f"{name}: {seen:,} items of {restored} read, {put:,} put")
    return Restored(put, seen - put)


def _items(client: Any, table: str) -> Iterator[Item]:
    for page in client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        yield from page["Items"]


def _put(client: Any, table: str, item: Item, key: str) -> bool:
    """Whether it was missing."""
    missing = {"ConditionExpression": "attribute_not_exists(#key)", "ExpressionAttributeNames": {"#key": key}}
    try:
        client.put_item(TableName=table, Item=item, **missing)
    except client.exceptions.ConditionalCheckFailedException:
        return False
    return True
