"""Checking what a policy says against the event type that it is for."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from fraudshield.errors import Fault, InvalidInput
from fraudshield.event_type.event_type import EventType
from fraudshield.expression.names import Kind
from fraudshield.policy.named_field import NamedFields, fields_there_are, known_fields, named_fields
from fraudshield.policy.policy import PolicyChange
from fraudshield.policy.rule import Condition, Rule
from fraudshield.policy.threshold import CategoryThresholds
from fraudshield.policy.when import clauses
from fraudshield.text.fault import pointer_step

Placed = Iterator[tuple[str, str]]  # where something stands, and what


def checked_change(change: PolicyChange, event_type: EventType, lists: Collection[str] = ()) -> NamedFields:
    """The fields that a change names. Raises InvalidInput: a condition or rule does not go with the event type."""
    return checked_rules({"/conditions": change.conditions, "/rules": change.rules or ()}, event_type, lists)


def checked_rules(
    rules: Mapping[str, Sequence[Condition | Rule]], event_type: EventType, lists: Collection[str] = ()
) -> NamedFields:
    """The fields that rules name, each list of rules given with where it stands; `lists` are all that there are.

    Raises InvalidInput: one of them does not go with the event type.
    """
    placed = [(f"{at}/{number}/when", one) for at, some in rules.items() for number, one in enumerate(some)]
    fields_there_are(event_type, _fields(placed))
    return named_fields(event_type, [(at, one.when) for at, one in placed if isinstance(one.when, str)], lists)


def check_categories(by: CategoryThresholds, event_type: EventType) -> None:
    """Raises InvalidInput: it is no category of the event type, or does not have one of the values."""
    if known_fields(event_type).fields.get(by.field) is not Kind.CATEGORY:
        raise _fault("/by/field", f"{by.field} is no category of {event_type.name}", "unknown_field")
    field = event_type.all_fields.get(by.field)
    if field is not None and field.values and (unknown := sorted(by.thresholds.keys() - set(field.values))):
        says = f"{by.field} is never {unknown[0]}; it is one of {', '.join(field.values)}"
        raise _fault(f"/by/thresholds/{pointer_step(unknown[0])}", says, "unknown_value")


def _fault(pointer: str, says: str, code: str) -> InvalidInput:
    return InvalidInput("The policy is not valid", [Fault(pointer, says, code)], code="invalid_policy")


def _fields(placed: Iterable[tuple[str, Condition | Rule]]) -> Placed:
    for at, one in placed:
        for number, clause in enumerate(clauses(one.when)):
            yield f"{at}/{number}/field", clause.field
