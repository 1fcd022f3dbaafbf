"""What API Gateway says of a request beside the HTTP in it. A field that is missing is empty."""

from collections.abc import Mapping
from typing import Any

Event = Mapping[str, Any]


def request_id(event: Event) -> str:
    """The id under which API Gateway, its access log and our logs know the request."""
    return event.get("requestContext", {}).get("requestId") or ""


def key_id(event: Event) -> str:
    """The id, not the value, of the API key that API Gateway checked."""
    identity: Mapping[str, Any] = event.get("requestContext", {}).get("identity") or {}
    return identity.get("apiKeyId") or ""


def origin(event: Event) -> str | None:
    """The site whose page sent the request, where a browser says so."""
    return next((value for name, value in (event.get("headers") or {}).items() if name.lower() == "origin"), None)
