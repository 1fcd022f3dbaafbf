"""The versions of a policy over HTTP."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from fraudshield.text.json_text import json_text
from infra.cli.job_client import Answer, call

POLICY = "/api/v1/policy"


@dataclass(frozen=True, slots=True)
class PolicyClient:
    """Speaks to one gateway with one key, about one event type. Calls raise InvalidInput, NotFound, Unavailable."""

    url: str
    key: str
    event_type: str = "payment"

    def versions(self) -> list[Answer]:
        """The newest hundred, newest first."""
        return list(self._call("GET", "/versions", None)["versions"])

    def version(self, number: int) -> Answer:
        """One in full."""
        return self._call("GET", f"/versions/{number}", None)

    def in_force(self) -> Answer:
        """The one that decides, in full."""
        [number] = [one["version"] for one in self.versions() if one["state"] == "active"]
        return self.version(number)

    def draft(self, content: Mapping[str, Any], based_on: int) -> Answer:
        """A new draft."""
        body = {**content, "event_type": self.event_type, "based_on": based_on}
        return call(self.url, self.key, "POST", f"{POLICY}/versions", json_text(body).encode())

    def remove(self, number: int) -> Answer:
        """Throws a draft away."""
        return self._call("DELETE", f"/versions/{number}", None)

    def difference(self, number: int, to: int) -> Answer:
        """What `to` says that the other does not."""
        return self._call("GET", f"/versions/{number}/difference", None, to=to)

    def activate(self, number: int, note: str, *, force: bool) -> Answer:
        """Puts a version in force."""
        return self._call("POST", f"/versions/{number}/activate", {"note": note, "force": force})

    def roll_back(self, note: str) -> Answer:
        """Puts the one in force that was before."""
        return self._call("POST", "/rollback", {"note": note})

    def test(self, number: int, since: str, until: str) -> Answer:
        """Starts a test of a version on what is stored of a span of time."""
        return self._call("POST", f"/versions/{number}/backtests", {"from": since, "to": until})

    def backtest(self, backtest_id: str) -> Answer:
        """How far a test is, and in the end what it found."""
        return call(self.url, self.key, "GET", f"{POLICY}/backtests/{backtest_id}", None)

    def library(self) -> list[Answer]:
        """Rules to begin with."""
        return list(call(self.url, self.key, "GET", f"{POLICY}/library", None)["rules"])

    def reporting_currency(self) -> str:
        """What money of its answers is in; empty where the event type does not say it."""
        found = call(self.url, self.key, "GET", f"{POLICY}/event-types/{quote(self.event_type, safe='')}", None)
        return str(found.get("reporting_currency") or "")

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None, **asked: object) -> Answer:
        query = urlencode({"event_type": self.event_type, **asked})
        content = None if body is None else json.dumps(body).encode()
        return call(self.url, self.key, method, f"{POLICY}{path}?{query}", content)
