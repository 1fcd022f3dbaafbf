"""The batch calls over HTTP, patient: what may be asked again after 429 and 503 is."""
# ruff: noqa: S310 `_opened` takes http and https only

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fraudshield.errors import InvalidInput, NotFound, Unavailable

BATCH = "/api/v1/batch"
TIMEOUT_S, TRANSFER_S = 30.0, 300.0
TRIES = 8
LONGEST_PAUSE_S = 10.0
AGAIN = {429, 502, 503, 504}
SCHEMES = {"http", "https"}
COPIED_BYTES = 1 << 20
JSON, CSV = "application/json", "text/csv"

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class JobClient:
    """Speaks to one gateway with one key. No proxy of the user's is asked."""

    url: str
    key: str

    def upload(self, file: Path, event_type: str, history: str = "none") -> str:
        """Put the file where jobs can be asked of it; its key, which says both. Raises Unavailable."""
        asked = {"file_name": file.name, "event_type": event_type, "history": history}
        link = self._call("POST", "/uploads", asked)
        size = file.stat().st_size
        if size > link["max_bytes"]:
            raise InvalidInput(
                f"{file} has {size:,} bytes; a link takes up to {link['max_bytes']:,}: put it under incoming/ instead"
            )
        with file.open("rb") as content:
            headers = {"Content-Length": str(size), "Content-Type": "text/csv"}
            request = urllib.request.Request(link["upload_url"], content, headers, method="PUT")
            with _opened(request, TRANSFER_S):
                return str(link["s3_key"])

    def start(self, key: str, store: str, notify: str | None) -> str:
        """Ask for the file's job; its id. Raises Unavailable, InvalidInput."""
        options = {"store": store, **({"notify": notify} if notify else {})}
        body = {"job_type": "process_csv", "data": {"s3_key": key}, **options}
        return str(self._call("POST", "/jobs", body)["job_id"])

    def job(self, job_id: str) -> Answer:
        """How far it is. Raises Unavailable, NotFound."""
        return self._call("GET", f"/jobs/{job_id}", None)

    def download(self, link: str, to: Path) -> None:
        """The file behind the link; it appears when it is whole. Raises Unavailable."""
        partial = to.with_name(f"{to.name}.partial")
        with _opened(urllib.request.Request(link), TRANSFER_S) as response, partial.open("wb") as out:
            while content := response.read(COPIED_BYTES):
                out.write(content)
        partial.replace(to)

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None) -> Answer:
        content = None if body is None else json.dumps(body).encode()
        return call(self.url, self.key, method, BATCH + path, content)


def call(url: str, key: str, method: str, path: str, content: bytes | None, media_type: str = JSON) -> Answer:
    """One call of the API that answers JSON. Raises as `answered`."""
    return dict(json.loads(answered(url, key, method, path, content, media_type, JSON)))


def answered(
    url: str,
    key: str,
    method: str,
    path: str,
    content: bytes | None,
    media_type: str,
    accept: str = CSV,
    also: frozenset[int] = frozenset(),
) -> bytes:
    """What one call of the API answers, asked again where it is busy; statuses in `also` are answers too.

    Raises Unavailable, InvalidInput, NotFound.
    """
    headers = {"X-API-Key": key, "Content-Type": media_type, "Accept": accept}
    for pause in _pauses():
        request = urllib.request.Request(url + path, content, headers, method=method)
        try:
            with _opened(request, TIMEOUT_S) as response:
                return bytes(response.read())
        except _Refused as refused:
            if refused.status in also:
                return str(refused).encode()
            if refused.status not in AGAIN or pause is None:
                raise refused.error() from refused
            time.sleep(pause)
    raise AssertionError("the last try ends otherwise")


class _Refused(Exception):
    """A response with another status than 200."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status

    def error(self) -> Unavailable | InvalidInput | NotFound:
        """As the command tells it."""
        try:
            said = str(json.loads(str(self))["detail"])
        except (ValueError, KeyError, TypeError):
            said = f"answered {self.status}"
        if self.status in AGAIN or self.status >= 500:
            return Unavailable(said)
        return NotFound(said) if self.status == 404 else InvalidInput(said)


def _opened(request: urllib.request.Request, timeout_s: float) -> Any:
    """The response. Raises _Refused, Unavailable, InvalidInput."""
    if request.type not in SCHEMES:
        raise InvalidInput(f"{request.full_url[:80]} is no http or https URL")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        return opener.open(request, timeout=timeout_s)
    except urllib.error.HTTPError as exc:
        with exc:
            raise _Refused(exc.code, exc.read().decode(errors="replace")) from exc
    except OSError as exc:
        raise Unavailable(f"{request.host} does not answer: {exc}") from exc


def _pauses() -> Iterator[float | None]:
    """Before each next try; None after the last."""
    for attempt in range(TRIES - 1):
        yield min(LONGEST_PAUSE_S, 0.5 * 2**attempt)
    yield None
