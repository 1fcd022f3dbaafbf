"""The event type that a file's key names: `incoming/card_payment/...` holds card payments, if there is such a type."""

import re

from fraudshield.batch.job import INCOMING, UPLOADS
from fraudshield.errors import UnknownEventType
from fraudshield.event_type.payment import NAME as PAYMENT
from fraudshield.event_type.port import EventTypes
from fraudshield.text.pattern import CODE


def event_type_of(key: str, types: EventTypes) -> str:
    """The first folder of a file that is received, or the second one of an upload; `payment` where it is no type.

    Raises:
        StoreUnavailable: whether it is one is not known.
    """
    folders = key.split("/")[1:-1]
    at = 1 if key.startswith(UPLOADS) else 0
    named = folders[at] if key.startswith((INCOMING, UPLOADS)) and len(folders) > at else PAYMENT
    if not re.search(CODE, named):
        return PAYMENT
    try:
        return types.named(named).name
    except UnknownEventType:
        return PAYMENT
