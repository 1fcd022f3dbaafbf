"""What the aggregates of an event type must keep beside their shape; each fault has its place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from fraudshield.errors import Fault
from fraudshield.event_type.aggregate import OF_A_FIELD, Aggregate, length
from fraudshield.event_type.currency import mixed_money
from fraudshield.event_type.entity import ACCOUNT
from fraudshield.event_type.environment import carried, history_environment, summable
from fraudshield.event_type.event_type import EventTypeDocument, Fields
from fraudshield.event_type.expression_check import LATER, faults_of_expression, later
from fraudshield.event_type.field import EventField
from fraudshield.event_type.reserved import is_reserved
from fraudshield.expression.expression import condition
from fraudshield.expression.names import Environment, Kind
from fraudshield.text.fault import pointer_step

COUNTED = ("count", "sum", "mean", "fraud_rate")  # what counters by the hour can say
MIXED = "comes in several currencies, and of earlier payments only amount is known in the one that is reported in"
ADDED_UP = frozenset({"sum", "mean"})
HOUR = timedelta(hours=1)
LONGEST_COUNTED = timedelta(days=90)  # of counters, which are kept no longer
Found = Iterator[tuple[str, str, str]]  # part of the aggregate, what, code


@dataclass(frozen=True, slots=True)
class Around:
    """What an aggregate is checked against."""

    fields: Fields
    known: Mapping[str, Kind]
    history: Environment
    mixed: frozenset[str]


def faults_of_aggregates(document: EventTypeDocument, fields: Fields, reporting: str | None) -> Iterator[Fault]:
    """Every fault of the document's aggregates. `reporting` is the currency that the type reports in."""
    shown = document.shown
    mixed = mixed_money(fields) if reporting is not None else frozenset()
    around = Around(fields, carried(fields, shown), history_environment(fields, shown), mixed)
    for name, one in document.aggregates.items():
        for part, says, code in _faults(name, one, around):
            yield _fault("aggregates", name, part, says=says, code=code)


def field_of(one: Aggregate, fields: Fields) -> tuple[str, EventField] | None:
    """The field whose value says which payments are counted: `over`, or the one field of that entity."""
    if one.over in fields:
        return one.over, fields[one.over]
    naming = [(name, field) for name, field in fields.items() if field.entity_of(name) == one.over]
    return naming[0] if len(naming) == 1 else None


def _faults(name: str, one: Aggregate, around: Around) -> Found:
    if name in around.fields or is_reserved(name, None):
        taken = "a field of this type" if name in around.fields else "what answers or rules call something else"
        yield "", f"{name} is {taken}; choose another name", "name_taken"
    if len(one.measures) != 1:
        yield "", "An aggregate should have either of, or one of count, sum and distinct", "measure"
        return
    for check in (_measured, _over, _labels, _where, _busy):
        yield from check(one, around)


def _measured(one: Aggregate, around: Around) -> Found:
    part = "field" if one.of else one.measure
    if one.measure in OF_A_FIELD and one.measured is None:
        yield "field", f"field should say which {one.measure} this is", "incomplete"
    elif one.measure not in OF_A_FIELD and one.measured is not None:
        yield "field", f"{one.measure} is of payments and not of a field", "measure"
    elif one.measured in around.fields and around.fields[str(one.measured)].later:
        yield part, later(str(one.measured)), LATER
    elif one.measured is not None and one.measured not in around.fields and one.measured not in around.known:
        yield part, f"{one.measured} is no field of this type", "unknown_field"
    elif one.measured is not None and one.measured not in around.known:
        is_amount = one.measured in around.fields and around.fields[one.measured].role == "amount"
        else_say = "say amount, which is it in major units" if is_amount else "name it in shown"
        yield part, f"{one.measured} is not kept for counting: {else_say}", "not_shown"
    elif one.measure in ADDED_UP and one.measured not in (numbers := summable(around.known)):
        known = " or ".join(numbers)
        yield part, f"{one.measured} cannot be added up; {known} can", "wrong_kind"
    elif one.measured in around.mixed:
        yield part, f"{one.measured} {MIXED}", "several_currencies"


def _over(one: Aggregate, around: Around) -> Found:
    if one.over in around.fields:
        field, entity = around.fields[one.over], around.fields[one.over].entity_of(one.over)
        if entity is None:
            yield "over", f"{one.over} names no entity: give the field entity: true", "no_entity"
        elif entity == ACCOUNT and field.role is None:
            yield "over", f"{one.over} is neither sender nor receiver, and accounts are found by those", "no_entity"
        return
    naming = [name for name, field in around.fields.items() if field.entity_of(name) == one.over]
    if not naming:
        yield "over", f"{one.over} is neither a field nor an entity of this type", "unknown_field"
    elif len(naming) > 1:
        yield "over", f"{' and '.join(naming)} name {one.over}: say over which of them", "ambiguous"


def _labels(one: Aggregate, _: Around) -> Found:
    if one.prior is not None and one.measure != "fraud_rate":
        yield "prior", "prior is for fraud_rate", "measure"
    if one.labels_later is not None and one.measure != "fraud_rate" and "label" not in (one.where or ""):
        yield "labels_later", "labels_later is for what asks for labels", "measure"


def _where(one: Aggregate, around: Around) -> Found:
    if one.where is None:
        return
    faults = [*faults_of_expression(lambda text: condition(text, around.history), one.where, around.fields)]
    yield from (("where", says, code) for says, code in faults)
    for name in () if faults else sorted(condition(one.where, around.history).names.fields & around.mixed):
        yield "where", f"{name} {MIXED}", "several_currencies"


def _busy(one: Aggregate, around: Around) -> Found:
    found = field_of(one, around.fields)
    if found is None or not found[1].busy:
        return
    if one.measure not in COUNTED:
        says = f"{one.over} is busy, so it has counters by the hour, which say {', '.join(COUNTED)} only"
        yield "of" if one.of else one.measure, says, "busy"
    elif one.measure in ADDED_UP and one.measured != "amount":
        yield (
            "field" if one.of else one.measure,
            f"{one.over} is busy, and of its payments amounts are added up",
            "busy",
        )
    if one.where is not None:
        yield "where", f"{one.over} is busy, and its counters have all its payments", "busy"
    if one.within is None:
        yield "within", f"{one.over} is busy, so within should say how far back its counters are added up", "incomplete"
    elif length(one.within) % HOUR or length(one.within) > LONGEST_COUNTED:
        yield "within", f"{one.over} is busy, and its counters are by the hour: whole hours, up to 90d", "busy"


def _fault(*steps: str, says: str, code: str) -> Fault:
    return Fault("".join(f"/{pointer_step(step)}" for step in steps if step), says, code)
