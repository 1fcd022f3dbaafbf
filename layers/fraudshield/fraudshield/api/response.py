"""Responses of a route: JSON, a page, a tagged or a created document, with the status that its result asks for."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from http import HTTPStatus
from urllib.parse import urlencode

from fastapi import Request, Response

from fraudshield.api.health import Health, unhealthy
from fraudshield.api.page import PageFile
from fraudshield.api.status import RESULT_STATUS, STATUS
from fraudshield.errors import ConfigurationError, FraudShieldError
from fraudshield.result import Result
from fraudshield.text.json_text import json_text

STAMP = "generated_at"  # of a response: it changes when nothing else does
PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def json_response(content: object, result: Result = Result.DONE) -> Response:
    """`content` as JSON, with the status of how the request went."""
    return _json(content, RESULT_STATUS[result])


def csv_response(request: Request, text: str, file_name: str, next_cursor: str | None) -> Response:
    """A page of a list as a file of CSV; where there is another, the header `Link` (rel="next") leads to it."""
    headers = {"Content-Disposition": f'attachment; filename="{file_name}"'}
    if next_cursor is not None:
        following = urlencode(dict(request.query_params) | {"cursor": next_cursor})
        headers["Link"] = f'<{request.url.path.rpartition("/")[2]}?{following}>; rel="next"'
    return Response(text, headers=headers, media_type="text/csv; charset=utf-8")


def page_response(html: str, refused: FraudShieldError | None = None) -> Response:
    """A page for people, with the status of what went wrong, where something did."""
    status = next(status for kind, status in STATUS.items() if isinstance(refused, kind)) if refused else HTTPStatus.OK
    return Response(html, status, PAGE_HEADERS | {"Cache-Control": "no-store"}, "text/html; charset=utf-8")


def tagged_response(request: Request, content: Mapping[str, object]) -> Response:
    """`content` with an ETag of all but `generated_at`; 304 where the caller has that already."""
    kept = json_text({name: value for name, value in content.items() if name != STAMP}, sort_keys=True)
    tag = f'W/"{blake2b(kept.encode(), digest_size=16).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if _has(request, tag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    response = json_response(content)
    response.headers.update(headers)
    return response


def file_response(request: Request, file: PageFile, headers: Mapping[str, str]) -> Response:
    """A file of the page; 304 where the browser has it already."""
    every = {"ETag": file.tag, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", **headers}
    if _has(request, file.tag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=every)
    return Response(file.content, headers=every, media_type=file.media_type)


def to_folder(name: str) -> Response:
    """Sends the browser on to the same path with a slash behind it."""
    return Response(status_code=HTTPStatus.PERMANENT_REDIRECT, headers={"Location": f"{name}/"})


def created_response(content: object, location: str, result: Result = Result.DONE) -> Response:
    """`content`, and where what was created can be asked for, relative to the request."""
    response = json_response(content, result)
    response.headers["Location"] = location
    return response


def health_response(service: str, check: Callable[[], Health]) -> Response:
    """What the check says; 503 when the service cannot work, or the process cannot even run the check."""
    try:
        found = check()
    except ConfigurationError as exc:
        found = unhealthy(service, str(exc), datetime.now(UTC))
    working = found["status"] != "unhealthy"
    return _json(found, HTTPStatus.OK if working else HTTPStatus.SERVICE_UNAVAILABLE)


def _has(request: Request, tag: str) -> bool:
    known = [one.strip() for one in request.headers.get("if-none-match", "").split(",")]
    return "*" in known or tag in known or tag.removeprefix("W/") in known


def _json(content: object, status: HTTPStatus) -> Response:
    return Response(json_text(content), status, media_type="application/json")
