"""Notes: what people wrote about a payment, for those who look at it next."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from fraudshield.text.fault import read_object
from fraudshield.text.pattern import LINES

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
