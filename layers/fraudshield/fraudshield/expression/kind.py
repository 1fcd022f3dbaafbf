"""Kinds beside each other: which can be compared, what comes of them, what they are called in a sentence."""

from fraudshield.expression.names import NUMBERS, TEXTS, Kind
from fraudshield.expression.tree import Reading, Tree

SAID = {
    Kind.TEXT: "a text",
    Kind.CATEGORY: "a text",
    Kind.NUMBER: "a number",
    Kind.MONEY: "a number",
    Kind.INTEGER: "a number",
    Kind.BOOLEAN: "a condition",
    Kind.INSTANT: "an instant",
    Kind.DURATION: "a duration",
}


def family(kind: Kind) -> str:
    """What a kind can be compared with: its like."""
    return SAID[kind]


def common_kind(one: Kind, other: Kind) -> Kind | None:
    """The kind of what is either; None where they are too different."""
    if one in NUMBERS and other in NUMBERS:
        return arithmetic_kind(one, other)
    if one in TEXTS and other in TEXTS:
        return Kind.TEXT
    return one if one is other else None


def arithmetic_kind(*kinds: Kind) -> Kind:
    """The kind of a sum or product: integers give an integer, everything else a number."""
    return Kind.INTEGER if all(kind is Kind.INTEGER for kind in kinds) else Kind.NUMBER


def said(tree: Tree) -> str:
    """What a tree gives, for a sentence: `a text`, and of a name also which."""
    exact = {Kind.MONEY: "money", Kind.INTEGER: "an integer", Kind.CATEGORY: "a category"}.get(tree.kind)
    what = exact or SAID[tree.kind]
    return f"{what} ({tree.name})" if isinstance(tree, Reading) else what
