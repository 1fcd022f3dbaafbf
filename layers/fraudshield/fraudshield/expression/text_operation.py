"""Operations on texts that Python has not as CEL means them."""

from collections.abc import Callable, Mapping
from string import ascii_lowercase, ascii_uppercase

from fraudshield.expression.tree import TextFunction

# Whether the text begins with, ends with or contains what is sought.
TESTS: Mapping[TextFunction, Callable[[str, str], bool]] = {
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "contains": str.__contains__,
}
SMALL = str.maketrans(ascii_uppercase, ascii_lowercase)


def lower_ascii(text: str) -> str:
    """A to Z as a to z, every other character as it is."""
    return text.lower() if text.isascii() else text.translate(SMALL)
