"""A payment's timeline: all that happened to it, in one order, whoever keeps it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from typing_extensions import TypedDict

from fraudshield.label.label import History
from fraudshield.label.response import label_object
from fraudshield.review.note import Note, note_object
from fraudshield.review.response import verdict_object
from fraudshield.review.review import Verdicts
from fraudshield.text.schema import Moment, one_of
from fraudshield.text.timestamp import timestamp

KINDS = (
    *("received", "decision", "prediction", "mail", "note"),
    *("label", "label_undone", "verdict", "verdict_undone"),
)


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened to a payment; `entry` is what the API shows of it elsewhere, too."""

    at: datetime
    kind: str
    entry: Mapping[str, Any]


class HappeningObject(TypedDict):
    """`entry` is as the kind's own route has it: a prediction, a label, a verdict, a note; of a mail who was told."""

    at: Moment
    kind: Annotated[str, one_of(*KINDS)]
    entry: dict[str, Any]


class TimelineResponse(TypedDict):
    """Everything in the order in which it happened. Of predictions and notes there are the newest hundred."""

    transaction_id: str
    timeline: list[HappeningObject]
    count: int


def of_labels(history: History) -> Iterator[Happening]:
    """Labels, when they were recorded and when they were taken back."""
    for one in history:
        yield Happening(one.recorded_at, "label", label_object(one))
        if one.undone_at is not None:
            yield Happening(one.undone_at, "label_undone", label_object(one))


def of_verdicts(verdicts: Verdicts) -> Iterator[Happening]:
    """Verdicts, when they were given and when they were undone."""
    for one in verdicts:
        yield Happening(one.given_at, "verdict", verdict_object(one))
        if one.undone_at is not None:
            yield Happening(one.undone_at, "verdict_undone", verdict_object(one))


def of_notes(notes: Iterable[Note]) -> Iterator[Happening]:
    """Notes."""
    return (Happening(one.noted_at, "note", note_object(one)) for one in notes)


def timeline_response(transaction_id: str, happened: Iterable[Happening]) -> TimelineResponse:
    """What happened, oldest first; of one moment in the order of their kinds."""
    in_order = sorted(happened, key=lambda one: (one.at, KINDS.index(one.kind)))
    shown: list[HappeningObject] = [
        {"at": timestamp(one.at), "kind": one.kind, "entry": dict(one.entry)} for one in in_order
    ]
    return {"transaction_id": transaction_id, "timeline": shown, "count": len(shown)}
