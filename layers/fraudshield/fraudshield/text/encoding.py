"""The one rule for text that comes in: it was UTF-8 all the way.

API Gateway, the laptop's gateway and many a reader of files put U+FFFD in place of bytes that they cannot read, so two
names become one. A text that holds it is therefore refused, wherever it stands.
"""

REPLACEMENT = "\ufffd"
NOT_UTF8 = "not_utf8"  # the code of such a fault
FOUND = "found U+FFFD, which stands for bytes that something on the way could not read,"


def is_intact(text: str) -> bool:
    """Whether nothing on its way put U+FFFD in place of bytes."""
    return REPLACEMENT not in text
