"""The words of the field, and those that only this project used for the same things."""

import re

# Patterns of whole words, each with what the field says. Nothing in code or pages is called so.
OURS_ONLY = {
    "postm[ae]n": "dispatcher",
    "mailrooms?|postbox(es)?": "mail outbox",
    "bells?": "wake-up",
    "lookouts?": "health checker",
    "desks?": "service",
    "wish(es)?": "options",
    "doors?": "source, or port",
    "strands?": "sorted run",
    "houses?": "system",
}
PROSE_ONLY = {"rooms?": "package"}  # of pages: in code a buffer may have room
CODE_ONLY = {
    "hungry": "exhausted",
    "letter_writers?": "mail content",
    "deeds?": "action",
    "mergers?": "join step",
    "recounts?": "oracle",
    "arrivals?": "queued transaction",
}


def ours_only(words: str, table: dict[str, str]) -> list[str]:
    """The words of a text that only we would use so, each with the field's."""
    return [f"{word}: {said}" for word, said in table.items() if re.search(rf"(?i)\b(?:{word})\b", words)]
