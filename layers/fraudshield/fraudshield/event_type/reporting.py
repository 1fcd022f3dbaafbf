"""The currency that a type reports in: what must hold for sums and rules over its money to mean something."""

from collections.abc import Iterator

from fraudshield.errors import Fault
from fraudshield.event_type.currency import DIGITS, fixed_currency, unknown_currency
from fraudshield.event_type.event_type import EventType, EventTypeDocument, Fields

KEY = "/reporting_currency"


def faults_of_reporting(document: EventTypeDocument, base: EventType | None, fields: Fields) -> Iterator[Fault]:
    """Every fault of the reporting currency, and of the field that has an amount in it; `fields` are all there are."""
    said, inherited = document.reporting_currency, base.reporting_currency if base else None
    amount = next((field for field in fields.values() if field.role == "amount"), None)
    if said is not None and said not in DIGITS:
        yield Fault(KEY, unknown_currency(said), "unknown_currency")
    elif said is not None and inherited not in (None, said):
        yield Fault(KEY, f"{document.extends} reports in {inherited}, and so does what extends it", "inherited")
    elif said is not None and amount is not None and amount.currency is None:
        place = "as amount_currency" if base else "a code or the field that holds it"
        says = f"The amount should say its currency, {place}: else it cannot be converted"
        yield Fault(KEY, says, "incomplete")
    yield from _of_the_reported(fields, reporting_of(document, base, fields))


def reporting_of(document: EventTypeDocument, base: EventType | None, fields: Fields) -> str | None:
    """The currency that a type with this document will report in."""
    inherited = base.reporting_currency if base else None
    return document.reporting_currency or inherited or fixed_currency(fields)


def _of_the_reported(fields: Fields, reporting: str | None) -> Iterator[Fault]:
    for name, field in fields.items():
        if field.role != "reported_amount":
            continue
        if reporting is None:
            says = "The role reported_amount is for types with a reporting_currency"
            yield Fault(f"/fields/{name}/role", says, "incomplete")
        elif field.currency not in (None, reporting):
            says = f"A reported amount is in {reporting}, the reporting currency; found {field.currency}"
            yield Fault(f"/fields/{name}/currency", says, "wrong_currency")
