"""Instants as text: RFC 3339, UTC."""

from datetime import UTC, datetime


def timestamp(at: datetime) -> str:
    """RFC 3339 UTC with `Z`."""
    return at.isoformat().replace("+00:00", "Z")


def instant(at: datetime) -> str:
    """RFC 3339 UTC with microseconds and `Z`: of one width, so that text order is time order."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
