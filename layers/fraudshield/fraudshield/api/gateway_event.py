"""What API Gateway says of a request beside the HTTP in it. A field that is missing is empty."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from fraudshield.api.segment import sent_path
from fraudshield.errors import Malformed

ACTOR_CHARACTERS = 64
NO_ACTOR = f"X-Actor should be up to {ACTOR_CHARACTERS} visible characters as percent-encoded UTF-8, as J%C3%BCrgen"
NO_CLAIM = "X-Claim should be the claim that POST /reviews/next gave: up to 64 letters, digits, - and _"
CLAIM = re.compile(r"^[A-Za-z0-9_-]{1,64}$")
ESCAPED = re.compile(r"(?:[!-$&-~ ]|%[0-9A-Fa-f]{2})*")
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"  # stands where somebody before us lost what was there
VISIBLE = re.compile(r"[!-~]{1,128}")

Event = Mapping[str, Any]


def request_id(event: Event) -> str:
    """The id under which API Gateway, its access log and our logs know the request."""
    return event.get("requestContext", {}).get("requestId") or ""


def key_id(event: Event) -> str:
    """The id, not the value, of the API key that API Gateway checked."""
    identity: Mapping[str, Any] = event.get("requestContext", {}).get("identity") or {}
    return identity.get("apiKeyId") or ""


def address(event: Event) -> str:
    """The network address that the request came from, as API Gateway saw it."""
    identity: Mapping[str, Any] = event.get("requestContext", {}).get("identity") or {}
    return identity.get("sourceIp") or ""


def origin(event: Event) -> str | None:
    """The site whose page sent the request, where a browser says so."""
    return _header(event, "origin")


def client_request_id(event: Event) -> str:
    """The id that the caller gave the request; empty where it gave none, or one that no log should hold."""
    given = _header(event, "x-request-id") or ""
    return given if VISIBLE.fullmatch(given) else ""


def actor(event: Event) -> str:
    """Who the caller says it is; empty where it does not. Raises Malformed."""
    given = (_header(event, "x-actor") or "").strip()
    try:
        name = unquote(given, errors="strict")
    except UnicodeDecodeError as exc:
        raise Malformed(NO_ACTOR, code="invalid_actor") from exc
    if not ESCAPED.fullmatch(given) or len(name) > ACTOR_CHARACTERS or REPLACEMENT in name or not name.isprintable():
        raise Malformed(NO_ACTOR, code="invalid_actor")
    return name


def claim(event: Event) -> str | None:
    """The claim on a review that the caller has; None without one. Raises Malformed."""
    given = _header(event, "x-claim")
    if given is not None and not CLAIM.fullmatch(given):
        raise Malformed(NO_CLAIM, code="invalid_claim")
    return given


def path(event: Event) -> str:
    """The path below the API's root, percent-encoded as it was sent."""
    return sent_path(event["resource"], event.get("pathParameters") or {})


def full_path(event: Event) -> str:
    """The path as it was sent, with the stage or the base path before it."""
    return event.get("requestContext", {}).get("path") or "/"


def _header(event: Event, wanted: str) -> str | None:
    """The last value of a header, named in lower case."""
    return next((value for name, value in (event.get("headers") or {}).items() if name.lower() == wanted), None)
