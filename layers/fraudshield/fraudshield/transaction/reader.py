"""Reading payments by the event type that their request names."""

from collections.abc import Callable
from functools import partial
from typing import Annotated

from pydantic import StringConstraints

from fraudshield.errors import InvalidInput, Malformed
from fraudshield.event_type.event_type import EventType
from fraudshield.event_type.payment import NAME
from fraudshield.event_type.port import EventTypes
from fraudshield.text.fault import kind
from fraudshield.text.pattern import CODE
from fraudshield.transaction.parser import parser_of, read_transaction
from fraudshield.transaction.transaction import Transaction

EVENT_TYPE = "event_type"
EventTypeName = Annotated[str, StringConstraints(strict=True, pattern=CODE)]
Read = Callable[[object, str], Transaction]  # of what was sent, and where in the request that stands


def reader_of(named: object, types: EventTypes) -> Read:
    """What reads payments of the type that a request names; `payment` where it names none.

    Raises:
        Malformed: `named` is no text.
        UnknownEventType, StoreUnavailable.
    """
    if named == NAME:
        return read_transaction
    if not isinstance(named, str):
        raise Malformed(f"event_type should be the name of an event type, found {kind(named)}")
    return partial(_read, event_type=types.named(named), types=types)


def _read(sent: object, pointer: str, event_type: EventType, types: EventTypes) -> Transaction:
    """Before anything is refused what is in force is looked up anew: a newer version may take it."""
    try:
        return parser_of(event_type).read(sent, pointer)
    except InvalidInput:
        newest = types.renewed(event_type)
        if newest.digest == event_type.digest:
            raise
        return parser_of(newest).read(sent, pointer)
