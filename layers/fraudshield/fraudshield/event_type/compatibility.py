"""What a new version of an event type may change: a payment that one version takes, the next takes too, as it was."""

from collections.abc import Iterator

from fraudshield.errors import BreaksStored, Fault
from fraudshield.event_type.currency import fixed_currency, in_currency
from fraudshield.event_type.event_type import EventType, EventTypeDocument
from fraudshield.event_type.field import EventField

# What stays as it is once payments may be stored, each with why.
KEPT = {
    "kind": "stored values are of that kind",
    "role": "stored payments are listed by it",
    "place": "payments are sent with it there",
    "size_of": "payments are sent with it there",
    "unit": "stored values are in it",
    "currency": "stored values are in it",
    "later": "what is known when a payment is made stays so",
}


def keeps_stored(before: EventType, after: EventTypeDocument) -> None:
    """Checks a next version against the one in force. Raises BreaksStored naming each field at fault."""
    if faults := [*_faults(before, after)]:
        raise BreaksStored(f"Stored payments would not go with this: {faults[0].detail}", faults)


def _faults(before: EventType, after: EventTypeDocument) -> Iterator[Fault]:
    if after.extends != before.extends:
        yield _fault("/extends", f"{before.name} extends {before.extends or 'no other type'}, and stays so")
    if before.unknown not in ("refuse", after.unknown):
        yield _fault("/unknown", f"unknown is {before.unknown}: what was sent would become other content")
    if before.amount_currency not in (None, after.amount_currency):
        says = f"amount_currency is {before.amount_currency}, and stays so: stored values are in it"
        yield _fault("/amount_currency", says)
    kept, inherited = before.reporting, in_currency(before.inherited, after.amount_currency)
    if kept not in (None, after.reporting_currency or fixed_currency({**inherited, **after.fields})):
        yield _fault("/reporting_currency", f"It reports in {kept}, and stays so: sums of stored payments are in it")
    for name, field in before.fields.items():
        if name in after.fields:
            yield from (_fault(f"/fields/{name}{part}", says) for part, says in _changes(field, after.fields[name]))
        else:
            yield _fault(f"/fields/{name}", f"{name} is a field of version {before.version}, and stays one")
    for name, field in after.fields.items():
        if name not in before.fields and field.required:
            yield _fault(f"/fields/{name}/required", f"{name} is new: stored payments are without it, so not required")


def _changes(before: EventField, after: EventField) -> Iterator[tuple[str, str]]:
    for part, why in KEPT.items():
        if getattr(before, part) != getattr(after, part):
            called = "from" if part == "place" else part
            yield f"/{called}", f"{called} was {getattr(before, part) or 'not given'}, and stays so: {why}"
    if after.required and not before.required:
        yield "/required", "It was optional: payments are stored without it"
    if before.personal and not after.personal:
        yield "/personal", "It was personal: stored values were taken as such"
    if before.entity is not None and (before.entity, before.busy) != (after.entity, after.busy):
        yield "/entity", f"It names the entity {before.entity}, for good"
    if before.values is not None and (gone := {*before.values} - {*(after.values or before.values)}):
        yield "/values", f"{min(gone)} was among the values: payments may have it"
    if before.values is None and after.values is not None:
        yield "/values", "Any value was taken: stored ones may be others"
    if after.minimum is not None and (before.minimum is None or after.minimum > before.minimum):
        yield "/minimum", "minimum may only become less: stored values may be below"
    if after.maximum is not None and (before.maximum is None or after.maximum < before.maximum):
        yield "/maximum", "maximum may only become more: stored values may be above"


def _fault(pointer: str, says: str) -> Fault:
    return Fault(pointer, says, BreaksStored.code)
