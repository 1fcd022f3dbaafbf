"""What the features of an event type must keep beside their shape; each fault has its place."""

from collections.abc import Iterator

from fraudshield.errors import Fault
from fraudshield.event_type.environment import environment
from fraudshield.event_type.event_type import EventTypeDocument, Fields
from fraudshield.event_type.expression_check import faults_of_expression
from fraudshield.event_type.feature import Feature
from fraudshield.event_type.sentence import PLACE, environment_of, places_of
from fraudshield.expression.expression import condition, feature
from fraudshield.expression.names import Environment
from fraudshield.expression.tree import Tree
from fraudshield.text.fault import pointer_step

Found = Iterator[tuple[str, str, str]]  # part of the feature, what, code


def faults_of_features(document: EventTypeDocument, fields: Fields) -> Iterator[Fault]:
    """Every fault of the document's features; its aggregates, which they may name, have none."""
    if not document.features:
        return
    names = environment(document, fields)
    for name, one in document.features.items():
        for part, says, code in _faults(one, names, fields):
            yield Fault(f"/features/{pointer_step(name)}/{part}", says, code)


def _faults(one: Feature, names: Environment, fields: Fields) -> Found:
    found = [*faults_of_expression(lambda text: feature(text, names), one.value, fields)]
    if found:
        yield from (("value", says, code) for says, code in found)
        return
    tree = feature(one.value, names).tree
    yield from _places("says", one.says or "", tree)
    for at, case in enumerate(one.cases):
        faults = faults_of_expression(lambda text: condition(text, environment_of(tree)), case.when, {})
        yield from ((f"cases/{at}/when", says, code) for says, code in faults)
        yield from _places(f"cases/{at}/says", case.says, tree)


def _places(part: str, text: str, tree: Tree) -> Found:
    known = places_of(tree)
    for place in PLACE.finditer(text):
        if place[1] not in known:
            there_are = ", ".join(f"{{{one}}}" for one in known)
            yield (
                part,
                f"At character {place.start() + 1}: {place[0]} stands for nothing; {there_are} do",
                "unknown_place",
            )
