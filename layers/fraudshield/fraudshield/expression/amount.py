"""Features that are an amount: money itself, or a sum or difference of it, which people are shown exactly."""

from collections.abc import Mapping
from decimal import Decimal
from operator import add, sub
from typing import Any

from fraudshield.expression.tree import Arithmetic, Reading, Tree, is_bare_money

EXACTLY = {"+": add, "-": sub}


def is_amount(tree: Tree) -> bool:
    """Whether this is money, or nothing but a sum or difference of money."""
    if isinstance(tree, Arithmetic):
        return tree.operator in EXACTLY and is_amount(tree.left) and is_amount(tree.right)
    return is_bare_money(tree)


def amount(tree: Tree, values: Mapping[str, Any]) -> Decimal | None:
    """The decimal that such a tree stands for; None where money is missing, or for any other tree."""
    if isinstance(tree, Reading):
        found = values.get(tree.name)
        return Decimal(found) if isinstance(found, int | Decimal) else None
    if not isinstance(tree, Arithmetic):
        return None
    left, right = amount(tree.left, values), amount(tree.right, values)
    return None if left is None or right is None else EXACTLY[tree.operator](left, right)
