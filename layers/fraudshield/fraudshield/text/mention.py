"""Erased accounts that a text mentions: as the whole of it, between quotes, or among other words.

Only marks are known, which are keyed hashes, so a text is asked for each name that may stand in it. A name is told
from what it is a part of by what no id is made of: `C7` is mentioned in `paid to C7.` and not in `C7-1`.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from fraudshield.text.csv_cell import GUARD
from fraudshield.text.fault import SHOWN

MOST_CHARACTERS = 64  # of a name
MOST_WORDS = 8  # of a name that stands among other words
WORD = re.compile(r"[^\s.,;:!?\"'`()\[\]{}<>|/\\=]+")
QUOTED = re.compile(r"(?=(['\"`])((?:\\.|(?!\1)[^\\])+)\1)")
CUT = re.compile(rf"['\"][^\n]{{{SHOWN - 1}}}\.\.\.")  # a long value as a fault repeats it: its end cannot be known
ESCAPED = re.compile(r"\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(.))")
CACHED = 100_000  # cells whose result is kept: types and flags stand in every row

IsErased = Callable[[str], bool]  # whether this account was erased
Pseudonym = Callable[[str], str]
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Mentions:
    """Finds and replaces erased accounts in texts."""

    is_erased: IsErased
    pseudonym: Pseudonym
    known: dict[str, str] = field(default_factory=dict)

    def replaced(self, text: str) -> str:
        """The text with a pseudonym in the place of every erased account."""
        if not text:
            return text
        if (found := self.known.get(text)) is None:
            found = self._replaced(text)
            if len(self.known) < CACHED:
                self.known[text] = found
        return found

    def found(self, text: str) -> bool:
        """Whether the text mentions an erased account."""
        return self.replaced(text) != text

    def name(self, cell: str) -> str | None:
        """The erased account that is the whole cell, perhaps guarded or between spaces; None where there is none."""
        written = dict.fromkeys(
            (cell, cell.strip(), cell.removeprefix(GUARD), cell.strip().removeprefix(GUARD).strip())
        )
        return next((one for one in written if one and self.is_erased(one)), None)

    def _replaced(self, text: str) -> str:
        if (whole := self.name(text)) is not None:
            return self.pseudonym(whole)
        for (start, end), name in self._spans(text):
            return self._replaced(text[:start]) + self.pseudonym(name) + self._replaced(text[end:])
        return text

    def _spans(self, text: str) -> Iterator[tuple[Span, str]]:
        for span, name in candidates(text):
            if len(name) <= MOST_CHARACTERS and self.is_erased(name):
                yield span, name


def candidates(text: str) -> Iterator[tuple[Span, str]]:
    """Every place in a text where a name may stand, the longer before those within them, and the name there."""
    for quoted in QUOTED.finditer(text):
        yield quoted.span(2), unescaped(quoted[2])
    words = [word.span() for word in WORD.finditer(text)]
    for first, (start, _) in enumerate(words):
        for _, end in reversed(words[first : first + MOST_WORDS]):
            yield (start, end), text[start:end]


def unescaped(text: str) -> str:
    """What Python's `repr` wrote so: faults repeat values in it."""
    return ESCAPED.sub(_character, text)


def _character(escaped: re.Match[str]) -> str:
    code = escaped[1] or escaped[2] or escaped[3]
    return chr(int(code, 16)) if code else escaped[4]


def without_cut(reason: str) -> str:
    """A fault's text without a long value of which it has the beginning only."""
    return CUT.sub("a long text", reason)
