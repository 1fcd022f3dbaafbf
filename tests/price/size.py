"""How many bytes DynamoDB bills to keep an item, and its copies in the indexes, for a month.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
"""

from collections.abc import Mapping
from typing import Any

OVERHEAD_BYTES = 100  # of each item, and of each copy of it in an index


def item_bytes(item: Mapping[str, Any]) -> int:
    """An item's size: names and values."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def index_bytes(table: Mapping[str, Any], item: Mapping[str, Any]) -> int:
    """What all indexes of a table (its properties in the template) keep of an item, overhead included."""
    return sum(
        OVERHEAD_BYTES + item_bytes({name: item[name] for name in _projected(table, index) if name in item})
        for index in table["GlobalSecondaryIndexes"]
        if all(key["AttributeName"] in item for key in index["KeySchema"])
    )


def _projected(table: Mapping[str, Any], index: Mapping[str, Any]) -> set[str]:
    keys = {key["AttributeName"] for key in (*table["KeySchema"], *index["KeySchema"])}
    return keys | {*index["Projection"].get("NonKeyAttributes", ())}


def _value_bytes(value: Mapping[str, Any]) -> int:
    [(kind, held)] = value.items()
    match kind:
        case "S":
            return len(held.encode())
        case "N":
            return -(-len(held.strip("-").replace(".", "").strip("0")) // 2) + 1
        case "L":
            return 3 + sum(1 + _value_bytes(one) for one in held)
        case "M":
            return 3 + len(held) + item_bytes(held)
        case "SS" | "NS" | "BS":
            return sum(len(one) for one in held)
        case _:
            return 1
