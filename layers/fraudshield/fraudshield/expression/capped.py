"""What a comparison can say of an aggregate whose history was longer than what is read of it."""

from typing import Any

from fraudshield.expression.tree import Relation

MIRRORED: dict[Relation, Relation] = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def decided(relation: Relation, least: Any, other: Any) -> bool | None:
    """How every number from `least` on compares with the other; None where that is not the same for all.

    Both are float64, or both decimals.
    """
    if relation in (">", "<="):
        return (relation == ">") if least > other else None
    if relation in (">=", "<"):
        return (relation == ">=") if least >= other else None
    return (relation == "!=") if least > other else None
