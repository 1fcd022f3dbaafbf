"""The hash of what a transaction says: the same id with another one is another transaction."""

from hashlib import blake2b

SCHEME = "2:"  # of content hashes


def digest_of(text: str) -> str:
    """32 hex digits of a text."""
    return blake2b(text.encode(), digest_size=16).hexdigest()
