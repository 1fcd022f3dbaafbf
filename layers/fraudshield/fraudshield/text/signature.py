"""Keyed digests: whoever lacks the secret can neither make one nor find out what it was made from."""

import hmac
from hashlib import sha256
from typing import Literal

Purpose = Literal["account", "backtest", "cursor", "destination", "erasure", "list", "mail"]


def key(secret: bytes, purpose: Purpose) -> bytes:
    """32 bytes, another key for each purpose: what is signed for one is worth nothing for another."""
    return hmac.digest(secret, f"fraudshield {purpose}".encode(), sha256)


def digest(of_purpose: bytes, content: bytes) -> bytes:
    """32 bytes over `content` under a purpose's key."""
    return hmac.digest(of_purpose, content, sha256)


def fits(of_purpose: bytes, content: bytes, given: bytes) -> bool:
    """Whether `given` is the digest of `content`; takes as long whether it is or not."""
    return hmac.compare_digest(digest(of_purpose, content), given)
