"""Notes: what people wrote about a payment, for those who look at it next."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, NotRequired

from pydantic import BaseModel, ConfigDict, StringConstraints
from typing_extensions import TypedDict

from fraudshield.text.fault import read_object
from fraudshield.text.pattern import LINES
from fraudshield.text.schema import Moment, one_of
from fraudshield.text.timestamp import timestamp

MOST_CHARACTERS = 2000
NoteText = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=MOST_CHARACTERS, pattern=LINES)]


@dataclass(frozen=True, slots=True)
class Note:
    """A note; `by` is the id of the key, `actor` who its bearer said to be."""

    note_id: str
    text: str
    noted_at: datetime
    by: str
    actor: str = ""


class NoteRequest(BaseModel):
    """A note as it is sent: a text of up to 2,000 characters, which may have lines."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    note: NoteText


def read_note(body: object) -> str:
    """Reads a note from JSON. Raises Malformed, InvalidInput."""
    return read_object(body, NoteRequest, "a note", "The note is not valid", "invalid_note").note


class NoteObject(TypedDict):
    """A note; `actor` is who the bearer of the key said to be."""

    note_id: str
    note: str
    noted_at: Moment
    by: str
    actor: NotRequired[str]


class NoteResponse(TypedDict):
    """The note that was kept."""

    status: Annotated[str, one_of("success")]
    transaction_id: str
    note: NoteObject


def note_response(transaction_id: str, note: Note) -> NoteResponse:
    """A note that was kept."""
    return {"status": "success", "transaction_id": transaction_id, "note": note_object(note)}


def note_object(note: Note) -> NoteObject:
    """A note as the API shows it."""
    shown: NoteObject = {
        "note_id": note.note_id,
        "note": note.text,
        "noted_at": timestamp(note.noted_at),
        "by": note.by,
    }
    if note.actor:
        shown["actor"] = note.actor
    return shown
