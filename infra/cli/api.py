"""The API over HTTP, as any client calls it."""

import http.client
import json
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from fraudshield.errors import Unavailable

SCORE = "/api/v1/score"
TIMEOUT_S = 30.0  # API Gateway gives up after 29
SHOWN = 500  # characters of a response that nobody expected


@dataclass(frozen=True, slots=True)
class ApiRefusal:
    """How a request was refused; status 200 says that it was not. `code` is the problem's, empty if it has none."""

    status: int
    code: str


class Api:
    """One connection to the gateway at `url`, kept open; no proxy of the user's is asked."""

    def __init__(self, url: str, key: str) -> None:
        self._url, self._key = url, key
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=TIMEOUT_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def score(self, body: bytes) -> str:
        """The response's body as it was sent. Raises Unavailable for any status but 200."""
        status, text = self._post(body, {"X-API-Key": self._key})
        if status != 200:
            raise Unavailable(f"{self._url}{SCORE} answered {status}: {text[:SHOWN]}")
        return text

    def without_key(self, body: bytes) -> ApiRefusal:
        """How the API refuses a request without a key."""
        status, text = self._post(body, {})
        return ApiRefusal(status, json.loads(text).get("code", ""))

    def _post(self, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
        try:
            self._connection.request("POST", SCORE, body, {"Content-Type": "application/json", **headers})
            response = self._connection.getresponse()
            return response.status, response.read().decode()
        except (OSError, http.client.HTTPException) as exc:
            raise Unavailable(f"{self._url}{SCORE} does not answer: {exc}") from exc
