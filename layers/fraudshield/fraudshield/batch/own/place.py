"""What a file's key says of it: `incoming/card_payment/history=file/...` holds card payments, if there are any."""

import re
from collections.abc import Sequence
from typing import get_args

from fraudshield.batch.job import INCOMING, NO_HISTORY, UPLOADS, HistoryFrom
from fraudshield.errors import UnknownEventType
from fraudshield.event_type.payment import NAME as PAYMENT
from fraudshield.event_type.port import EventTypes
from fraudshield.text.pattern import CODE

HISTORIES: Sequence[HistoryFrom] = get_args(HistoryFrom)


def event_type_of(key: str, types: EventTypes) -> str:
    """The first folder of a file that is received, or the second one of an upload; `payment` where it is no type.

    Raises:
        StoreUnavailable: whether it is one is not known.
    """
    named = folder_of(key)
    if not re.search(CODE, named):
        return PAYMENT
    try:
        return types.named(named).name
    except UnknownEventType:
        return PAYMENT


def folder_of(key: str) -> str:
    """What stands where a file's key may name its event type; `payment` where nothing does."""
    return next(iter(_folders(key)), PAYMENT)


def history_of(key: str, event_type: str) -> HistoryFrom:
    """The history that the folder below the event type's says, as `history=file`; none where it says nothing."""
    folders = _folders(key)
    said = folders[1] if len(folders) > 1 and folders[0] == event_type else ""
    return next((one for one in HISTORIES if said == history_folder(one)), NO_HISTORY)


def history_folder(history: HistoryFrom) -> str:
    """The folder of files with this history."""
    return f"history={history}"


def _folders(key: str) -> Sequence[str]:
    """The folders of a file in which it may say what it is."""
    folders = key.split("/")[1:-1]
    if key.startswith(UPLOADS):
        return folders[1:]
    return folders if key.startswith(INCOMING) else ()
