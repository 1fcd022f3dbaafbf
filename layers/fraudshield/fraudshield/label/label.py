"""Labels: the truth about a transaction, learned after it was decided; which of several is in force."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from fraudshield.errors import Fault, InvalidInput
from fraudshield.text.fault import read_object
from fraudshield.transaction.transaction import Instant

Truth = Literal["fraud", "genuine"]
LabelSource = Literal["analyst", "chargeback", "rule", "import"]
CLOCK_SKEW = timedelta(minutes=5)  # as a transaction's; a label from next year would stay in force until then
TICK = timedelta(microseconds=1)  # what stored times tell apart


class LabelRequest(BaseModel):
    """A label as it is sent. Without `labelled_at` its time is now."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: Truth
    source: Annotated[LabelSource, Field()] = "analyst"
    labelled_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """What was found out about a transaction, by whom, and when they did."""

    truth: Truth
    source: LabelSource
    labelled_at: datetime


@dataclass(frozen=True, slots=True)
class RecordedLabel:
    """A label in a transaction's history, which loses nothing: a label that was taken back stays in it, marked.

    `by` is the id of the key, `actor` who its bearer said to be; `undone_in` the id of the request that took it back.
    """

    label: Label
    recorded_at: datetime
    by: str
    undone_at: datetime | None = None
    undone_in: str = ""
    actor: str = ""


History = Sequence[RecordedLabel]


def in_force(history: History) -> RecordedLabel | None:
    """Returns the newest by `labelled_at` of those not taken back; of several from one moment the last recorded."""
    valid = (one for one in history if one.undone_at is None)
    return max(valid, key=lambda one: (one.label.labelled_at, one.recorded_at), default=None)


def known_record(history: History, label: Label) -> RecordedLabel | None:
    """Returns the record of this very label, if there is one that is not taken back: it need not be recorded again."""
    return next((one for one in history if one.label == label and one.undone_at is None), None)


def recorded(history: History, label: Label, by: str, now: datetime, actor: str = "") -> RecordedLabel:
    """Returns the label as the next record: later than all there are, whatever the clocks of two processes say."""
    latest = max((one.recorded_at for one in history), default=now - TICK)
    return RecordedLabel(label, max(now, latest + TICK), by, actor=actor)


def read_label(body: object, now: datetime) -> Label:
    """Reads a label from JSON.

    Raises:
        Malformed: not an object.
        InvalidInput: with a fault per field.
    """
    sent = read_object(body, LabelRequest, "a label", "The label is not valid", "invalid_label")
    if sent.labelled_at is not None and sent.labelled_at - now > CLOCK_SKEW:
        fault = Fault("/labelled_at", f"Input should not lie ahead of now, found {sent.labelled_at}", "ahead_of_now")
        raise InvalidInput("The label is not valid", [fault], code="invalid_label")
    return Label(sent.label, sent.source, sent.labelled_at or now)
