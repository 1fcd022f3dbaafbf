"""Who may talk to what listens here without asking for a key: programs and pages of this machine."""

from collections.abc import Mapping
from urllib.parse import urlsplit

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
REFUSAL = "Only programs and pages of this machine are answered here\n"


def is_local(headers: Mapping[str, str]) -> bool:
    """Whether a request names a loopback host (else DNS may have been rebound) and no page of another site sent it.

    `headers` have lower-case names.
    """
    names = [f"//{headers.get('host', '')}", headers.get("origin", "http://localhost")]
    return all(_host(name) in LOOPBACK for name in names) and headers.get("sec-fetch-site") != "cross-site"


def names_loopback(host: str | None) -> bool:
    """Whether a `Host` header's value is a name of this machine, with or without a port."""
    return _host(f"//{host or ''}") in LOOPBACK


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
