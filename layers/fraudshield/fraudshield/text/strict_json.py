"""JSON as RFC 8259 means it: UTF-8, no duplicate keys, no NaN; numbers with a point become exact decimals."""

import json
from decimal import Decimal, InvalidOperation
from typing import Never

from fraudshield.errors import Malformed


def parse(body: bytes) -> object:
    """The value in `body`; integers stay `int`, every other number is a `Decimal`.

    Raises:
        Malformed: `not_json` (says where and what) or `duplicate_key`.
    """
    if body.startswith(b"\xef\xbb\xbf"):
        raise Malformed("The body starts with a byte order mark; send UTF-8 without one", code="not_json")
    try:
        return json.loads(
            body.decode("utf-8"), parse_float=Decimal, parse_constant=_not_a_number, object_pairs_hook=_unique
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
