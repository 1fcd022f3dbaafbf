"""JSON as RFC 8259 means it: UTF-8, no duplicate keys, no NaN; numbers with a point become exact decimals."""

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Never

from fraudshield.errors import Malformed
from fraudshield.text.encoding import FOUND, REPLACEMENT

REPLACED = REPLACEMENT.encode()
ESCAPED = re.compile(rb"\\u[fF]{3}[dD]")
LF, BACKSLASH = b"\n", ord("\\")


class SpelledNumber(Decimal):
    """A number with an exponent, and how it was spelled: Python writes 15e-1 as 1.5."""

    spelled: str


def spelled_number(text: str) -> Decimal:
    """The number in the text. Raises InvalidOperation for an exponent that Python does not take."""
    if "e" not in text and "E" not in text:
        return Decimal(text)
    number = SpelledNumber(text)
    number.spelled = text
    return number


def parse_sent(body: bytes) -> object:
    """The value in a `body` that a sender made: as `parse`, and no text in it, keys included, holds U+FFFD.

    What we have stored is read by `parse`: it was taken before, whatever it holds.

    Raises:
        Malformed: `not_json` (says where and what) or `duplicate_key`.
    """
    value = parse(body)
    if (spoilt := _replaced_at(body)) >= 0:
        where = f"line {body.count(LF, 0, spoilt) + 1}, byte {spoilt - body.rfind(LF, 0, spoilt)}"
        raise Malformed(f"The body is not UTF-8: {FOUND} at {where}", code="not_json")
    return value


def parse(body: bytes) -> object:
    """The value in `body`; integers stay `int`, every other number is a `Decimal`.

    Raises:
        Malformed: `not_json` (says where and what) or `duplicate_key`.
    """
    if body.startswith(b"\xef\xbb\xbf"):
        raise Malformed("The body starts with a byte order mark; send UTF-8 without one", code="not_json")
    try:
        return json.loads(
            body.decode("utf-8"), parse_float=spelled_number, parse_constant=_not_a_number, object_pairs_hook=_unique
        )
    except UnicodeDecodeError as exc:
        raise Malformed(f"The body is not UTF-8: byte {exc.start} cannot be read", code="not_json") from exc
    except json.JSONDecodeError as exc:
        where = f"line {exc.lineno}, column {exc.colno}"
        raise Malformed(f"The body is not JSON: {exc.msg} at {where}", code="not_json") from exc
    except RecursionError as exc:
        raise Malformed("The body is nested too deeply", code="not_json") from exc
    except (ValueError, InvalidOperation) as exc:  # more digits, or a larger exponent, than Python converts
        raise Malformed("The body holds a number of too many digits", code="not_json") from exc


def _replaced_at(body: bytes) -> int:
    """Where U+FFFD stands, as it is or as an escape; -1 where it does not."""
    if (plain := body.find(REPLACED)) >= 0:
        return plain
    if b"\\u" in body:
        for escape in ESCAPED.finditer(body):
            before = escape.start()
            while before and body[before - 1] == BACKSLASH:
                before -= 1
            if (escape.start() - before) % 2 == 0:  # else it is an escaped backslash, and plain letters
                return escape.start()
    return -1


def _not_a_number(constant: str) -> Never:
    raise Malformed(f"The body is not JSON: {constant} is not a number there", code="not_json")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            raise Malformed(f"The key {key[:64]!r} stands twice in one object", code="duplicate_key")
        seen.add(key)
    raise AssertionError("fewer members than pairs, and no key twice")
