"""What a function gave back, as API Gateway reads it: Lambda proxy integration, payload 1.0."""

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from infra.laptop.apigateway.http_response import HttpResponse
from infra.laptop.apigateway.proxy_event import is_binary
from infra.laptop.errors import RequestError

FIELDS = frozenset({"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"})  # one more is malformed
OUR_OWN = frozenset({"connection", "content-length", "keep-alive", "transfer-encoding", "upgrade"})
NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2
VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")


def proxy_response(given: bytes, accept: str | None, binary_types: Sequence[str]) -> HttpResponse:
    """The response that a function's JSON stands for. `accept` is the request's header.

    A base64 body is decoded only where the API names the response's media type, or the first one that the client
    accepts, among its binary types.

    Raises:
        RequestError: anything but the documented shape; API Gateway answers 502.
    """
    found = _object(given)
    if found.keys() - FIELDS:
        raise RequestError(f"The answer has fields that API Gateway refuses: {sorted(found.keys() - FIELDS)}")
    headers = tuple(_headers(found))
    media_type = next((value for name, value in headers if name.lower() == "content-type"), None)
    decoded = is_binary(media_type, binary_types) or is_binary((accept or "").partition(",")[0], binary_types)
    body = _body(found, decoded=decoded)
    if media_type is None:
        headers = (("content-type", "application/json"), *headers)
    return HttpResponse(_status(found.get("statusCode")), headers, body)


def _object(given: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(given)
    except (ValueError, RecursionError) as exc:
        raise RequestError("The answer is not JSON") from exc
    if not isinstance(found, dict):
        raise RequestError(f"The answer is no object but {type(found).__name__}")
    return found


def _status(given: Any) -> int:
    """The status: a number, or one in a string; 200 where there is none."""
    status = (
        str(given) if isinstance(given, int | str) and not isinstance(given, bool) else "200" if given is None else ""
    )
    if not re.fullmatch(r"[2-5]\d\d", status, re.ASCII):
        raise RequestError(f"The answer's statusCode is {str(given)[:80]!r}")
    return int(status)


def _headers(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The headers; a name in both forms counts in `multiValueHeaders`."""
    many = _map(found, "multiValueHeaders")
    taken = {name.lower() for name in many}
    single = {name: [value] for name, value in _map(found, "headers").items() if name.lower() not in taken}
    for name, values in {**single, **many}.items():
        if not isinstance(values, list) or not NAME.fullmatch(name):
            raise RequestError(f"The answer's header {name[:80]!r} is not one")
        if name.lower() not in OUR_OWN:
            yield from ((name, _header_value(name, value)) for value in values)


def _map(found: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    given = {} if found.get(field) is None else found[field]
    if not isinstance(given, dict):
        raise RequestError(f"The answer's {field} is no object")
    return given


def _header_value(name: str, value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else value
    if not isinstance(text, str) or not VALUE.fullmatch(text) or not _encodable(text):
        raise RequestError(f"The answer's header {name} has a value that cannot be sent")
    return text.strip(" \t")


def _body(found: Mapping[str, Any], *, decoded: bool) -> bytes:
    text = "" if found.get("body") is None else found["body"]
    if not isinstance(text, str) or not _encodable(text):
        raise RequestError("The answer's body is no text")
    if not (decoded and found.get("isBase64Encoded") is True):
        return text.encode()
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as exc:
        raise RequestError("The answer's body is not base64") from exc


def _encodable(text: str) -> bool:
    """Whether a text has no lone surrogates: JSON can spell them, UTF-8 cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
