"""Instants as text: RFC 3339, UTC."""

import re
from datetime import UTC, datetime

RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def timestamp(at: datetime) -> str:
    """RFC 3339 UTC with `Z`."""
    return at.isoformat().replace("+00:00", "Z")


def instant(at: datetime) -> str:
    """RFC 3339 UTC with microseconds and `Z`: of one width, so that text order is time order."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
