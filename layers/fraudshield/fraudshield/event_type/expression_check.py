"""What is wrong with an expression of an event type's document: where in its text, what, and what was meant."""

from collections.abc import Callable, Iterator

from fraudshield.event_type.event_type import Fields
from fraudshield.expression.expression import Expression
from fraudshield.expression.fault import InvalidExpression
from fraudshield.expression.tree import Reading, below

LATER = "later"


def faults_of_expression(read: Callable[[str], Expression], text: str, fields: Fields) -> Iterator[tuple[str, str]]:
    """What is wrong with what `read` makes of the text, and a code; each fault says which character it is at."""
    try:
        tree = read(text).tree
    except InvalidExpression as exc:
        for place in exc.places:
            meant = f"; did you mean {place.suggestion}?" if place.suggestion else ""
            yield f"At character {place.position + 1}: {place.detail}{meant}", place.code
        return
    for one in below(tree):
        if isinstance(one, Reading) and one.name in fields and fields[one.name].later:
            yield f"At character {one.at + 1}: {later(one.name)}", LATER


def later(name: str) -> str:
    """Why such a field cannot be used."""
    return f"{name} is told later: it is not known when a payment is scored"
