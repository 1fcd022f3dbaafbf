"""Bytes that DynamoDB counts for an item.

Source: Amazon DynamoDB Developer Guide, "DynamoDB item sizes and formats": names and text by their UTF-8, a number by
about one byte for two significant digits and one more, a list or map by 3 and 1 for each member.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

Item = Mapping[str, Any]


def item_bytes(item: Item) -> int:
    """Names and values."""
    return sum(len(name.encode()) + value_bytes(value) for name, value in item.items())


def value_bytes(value: Mapping[str, Any]) -> int:
    """One value."""
    [(kind, content)] = value.items()
    if kind == "S":
        return len(str(content).encode())
    if kind == "N":
        digits = len(Decimal(content).normalize().as_tuple().digits)
        return (digits + 1) // 2 + 1 + str(content).startswith("-")
    if kind == "L":
        return 3 + sum(1 + value_bytes(member) for member in content)
    if kind == "M":
        return 3 + sum(1 + len(name.encode()) + value_bytes(member) for name, member in content.items())
    return 1
