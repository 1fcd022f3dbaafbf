"""Cursors, where a list goes on: signed texts, good for the list and the filter that they were made for."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field

from fraudshield.errors import Malformed
from fraudshield.text import signature

MOST = 4096  # characters; the longest that we make has about 2,000
DIGEST_BYTES = 32
Asked = Mapping[str, object]  # the list's name and its filter, all of it plain JSON


@dataclass(frozen=True, slots=True)
class Cursors:
    """Seals and opens them under one deployment's secret. What is inside is signed, not hidden: no names in it."""

    secret: bytes = field(repr=False)

    def seal(self, asked: Asked, position: object) -> str:
        """A cursor to `position` (plain JSON) in the list that was asked for."""
        content = _plain(position)
        return _encoded(signature.digest(self._key, _signed(asked, content)) + content)

    def open(self, asked: Asked, cursor: str) -> object:
        """The position that was sealed. Raises Malformed (`invalid_cursor`) where `seal` did not make it of this."""
        sealed = _decoded(cursor)
        digest, content = sealed[:DIGEST_BYTES], sealed[DIGEST_BYTES:]
        if not signature.fits(self._key, _signed(asked, content), digest):
            raise _invalid()
        position: object = json.loads(content)
        return position

    @property
    def _key(self) -> bytes:
        return signature.key(self.secret, "cursor")


def _signed(asked: Asked, content: bytes) -> bytes:
    """No byte can move from one to the other: plain JSON has no line break in it."""
    return _plain(dict(asked)) + b"\n" + content


def _plain(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


def _decoded(cursor: str) -> bytes:
    if not 0 < len(cursor) <= MOST:
        raise _invalid()
    try:
        sealed = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError as exc:
        raise _invalid() from exc
    if _encoded(sealed) != cursor:  # one spelling only: the decoder skips what it cannot read
        raise _invalid()
    return sealed


def _encoded(sealed: bytes) -> str:
    return urlsafe_b64encode(sealed).decode().rstrip("=")


def _invalid() -> Malformed:
    return Malformed(
        "The cursor is not one that this list gave out for this filter; start again without it", code="invalid_cursor"
    )
