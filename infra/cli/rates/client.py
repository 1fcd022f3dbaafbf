"""`fraudshield rates`: the table of exchange rates, put through the API and shown."""

from dataclasses import dataclass
from urllib.parse import quote

from infra.cli.job_client import CSV, Answer, answered, call

RATES = "/api/v1/policy/rates"


@dataclass(frozen=True, slots=True)
class RatesClient:
    """Speaks to one gateway with one key."""

    url: str
    key: str

    def put(self, content: bytes, base: str = "") -> Answer:
        """The version that is in force then. Raises InvalidInput, Unavailable."""
        query = f"?base={quote(base, safe='')}" if base else ""
        return call(self.url, self.key, "PUT", RATES + query, content, CSV)

    def show(self) -> str:
        """The rates in force as CSV. Raises Unavailable."""
        return answered(self.url, self.key, "GET", RATES, None, CSV).decode()
