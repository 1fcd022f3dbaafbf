"""Operations on texts that Python has not as CEL means them."""

from string import ascii_lowercase, ascii_uppercase

from fraudshield.expression.tree import TextFunction

SMALL = str.maketrans(ascii_uppercase, ascii_lowercase)


def lower_ascii(text: str) -> str:
    """A to Z as a to z, every other character as it is."""
    return text.lower() if text.isascii() else text.translate(SMALL)


def holds(function: TextFunction, text: str, sought: str) -> bool:
    """Whether the text begins with, ends with or contains what is sought."""
    if function == "contains":
        return sought in text
    return text.startswith(sought) if function == "startsWith" else text.endswith(sought)
