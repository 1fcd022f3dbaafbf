"""Problem documents (RFC 9457), the one shape of every error."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import Response
from typing_extensions import TypedDict

from fraudshield.api import gateway_event
from fraudshield.text.fault import FaultObject

RETRY_AFTER_S = 5  # as long as the breaker stays open
LATER = {HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS}
PROBLEM = "application/problem+json"


class Problem(TypedDict):
    """What every error looks like (RFC 9457). `code` is stable; `error` and `message` are read by older clients."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    request_id: str
    errors: list[FaultObject]
    error: str
    message: str


def problem_response(
    event: Mapping[str, Any], status: HTTPStatus, code: str, detail: str, errors: list[Any] | None = None
) -> Response:
    """An error as a problem document; 429 and 503 say when to come back."""
    request_id = gateway_event.request_id(event)
    document: Problem = {
        "type": f"urn:fraudshield:problem:{code}",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        "instance": f"urn:fraudshield:request:{request_id}",
        "code": code,
        "request_id": request_id,
        "errors": errors or [],
        "error": status.phrase,
        "message": detail,
    }
    headers = {"Retry-After": str(RETRY_AFTER_S)} if status in LATER else None
    return Response(json.dumps(document), status, headers, PROBLEM)
