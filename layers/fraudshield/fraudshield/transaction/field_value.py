"""One value of a field of an event type, sent by itself: as it is stored, shown and filtered by."""

from decimal import Decimal

from pydantic import TypeAdapter, ValidationError

from fraudshield.errors import InvalidInput
from fraudshield.event_type.field import NUMBERS, EventField
from fraudshield.text.csv_cell import NUMBER
from fraudshield.text.fault import faults_of
from fraudshield.transaction.own import as_content
from fraudshield.transaction.parser import held_by

FLAGS = {"true": True, "false": False}


def field_value(name: str, field: EventField, sent: object, pointer: str) -> object:
    """The value as it is stored. Raises InvalidInput: the field cannot have it."""
    try:
        return as_content(TypeAdapter(held_by(name, field)).validate_python(sent))
    except ValidationError as exc:
        says = f"{name} cannot have this value"
        raise InvalidInput(says, faults_of(exc, pointer, sent), code="invalid_value") from exc


def written_value(field: EventField, text: str) -> object:
    """What a text stands for, where there is only text: a number or a flag where the field holds one."""
    if field.kind in NUMBERS and NUMBER.fullmatch(text):
        number = Decimal(text)
        return int(number) if field.kind == "integer" and number == number.to_integral_value() else number
    return FLAGS.get(text, text) if field.kind == "boolean" else text
