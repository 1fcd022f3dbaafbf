"""What a mail says."""

import unicodedata
from dataclasses import dataclass

INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})  # end lines, or turn the writing round


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail's content; `unsubscribe` goes into a header of its own."""

    subject: str
    html: str
    text: str
    unsubscribe: str


def visible(text: str) -> str:
    """`text` on one line and with nothing in it that is not seen."""
    return "".join(" " if unicodedata.category(one) in INVISIBLE else one for one in text)
