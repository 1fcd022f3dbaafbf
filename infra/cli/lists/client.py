"""`fraudshield lists`: lists and their entries, through the API; a file of any length in pages."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any
from urllib.parse import quote, urlencode

from fraudshield.errors import InvalidInput, Malformed, StoreUnavailable, Unavailable
from infra.cli.job_client import CSV, JSON, Answer, answered, call

LISTS = "/api/v1/policy/lists"
MOST_LINES, MOST_BYTES = 5_000, 900_000  # of a page: what is stored of it in one call's time, and fits into one
FAILED = frozenset({422})  # a page of which every line failed, too
TRIES = 5  # that bring no line further, of lines that the store did not take in time
PAGE = 1_000  # entries that are shown by one call
Numbered = tuple[int, str]  # a line with its number in the file


@dataclass(slots=True)
class Loaded:
    """What became of a file's lines."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: list[str] = field(default_factory=list)

    @property
    def lines(self) -> int:
        """How many there were so far."""
        return self.added + self.changed + self.unchanged + len(self.refused)


@dataclass(frozen=True, slots=True)
class ListClient:
    """Speaks to one gateway with one key."""

    url: str
    key: str

    def all(self) -> list[Answer]:
        """Every list. Raises Unavailable."""
        return list(self._call("GET", LISTS)["lists"])

    def put(self, name: str, kind: str, description: str) -> Answer:
        """The list as it is then. Raises InvalidInput, Unavailable."""
        return self._call("PUT", _path(name), {"kind": kind, "description": description})

    def add(self, name: str, value: str, note: str, expires_at: str | None) -> Answer:
        """What became of it. Raises InvalidInput, NotFound, Unavailable."""
        sent = {"value": value, "note": note} | ({"expires_at": expires_at} if expires_at else {})
        return self._call("POST", f"{_path(name)}/entries", sent)

    def remove(self, name: str, value: str) -> Answer:
        """The entry that has left the list. Raises NotFound, Unavailable."""
        return self._call("DELETE", f"{_path(name)}/entries/{quote(value, safe='')}")

    def entry(self, name: str, value: str) -> Answer | None:
        """The entry of a value; None where there is none. Raises NotFound, Unavailable."""
        found = self._call("GET", f"{_path(name)}/entries?{urlencode({'value': value})}")["entries"]
        return found[0] if found else None

    def entries(self, name: str) -> Iterator[Sequence[Answer]]:
        """All entries that count, page by page. Raises NotFound, Unavailable."""
        cursor: str | None = None
        while True:
            asked = {"limit": PAGE} | ({"cursor": cursor} if cursor else {})
            page = self._call("GET", f"{_path(name)}/entries?{urlencode(asked)}")
            yield page["entries"]
            if (cursor := page["next_cursor"]) is None:
                return

    def load(self, name: str, lines: Iterable[str]) -> Iterator[Loaded]:
        """Adds the values of a CSV's lines, the header among them; says after each page what became of all so far.

        Loading the same again changes nothing. Raises Malformed, InvalidInput, NotFound, Unavailable.
        """
        each = iter(lines)
        if not (header := next(each, "").strip("\ufeff\r\n")):
            raise Malformed("The file is empty; expected a header value,note,expires_at")
        loaded = Loaded()
        for page in _pages(enumerate(each, start=2)):
            self._load_page(name, header, page, loaded)
            yield loaded

    def _load_page(self, name: str, header: str, page: Sequence[Numbered], loaded: Loaded) -> None:
        tries = TRIES
        while tries:
            told = self._send(name, header, page)
            loaded.added += told["added"]
            loaded.changed += told["changed"]
            loaded.unchanged += told["unchanged"]
            again = {one["line"] for one in told["errors"] if one["code"] == StoreUnavailable.code}
            numbers = {at: number for at, (number, _) in enumerate(page, start=2)}
            loaded.refused += [
                f"line {numbers[one['line']]}: {one['detail']}" for one in told["errors"] if one["line"] not in again
            ]
            if not again:
                return
            tries = TRIES if len(again) < len(page) else tries - 1
            page = [line for at, line in enumerate(page, start=2) if at in again]
        raise Unavailable(f"{len(page)} lines from line {page[0][0]} on were not stored; load the file again")

    def _send(self, name: str, header: str, page: Sequence[Numbered]) -> Answer:
        content = "\n".join(chain([header], (text for _, text in page))).encode()
        path = f"{_path(name)}/entries"
        told = dict(json.loads(answered(self.url, self.key, "POST", path, content, CSV, JSON, FAILED)))
        if "errors" not in told or "lines" not in told:
            raise InvalidInput(str(told.get("detail", "refused")))
        return told

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        return call(self.url, self.key, method, path, None if body is None else json.dumps(body).encode())


def _path(name: str) -> str:
    return f"{LISTS}/{quote(name, safe='')}"


def _pages(lines: Iterable[Numbered]) -> Iterator[list[Numbered]]:
    """Yields lines that are not empty in pages that one call takes."""
    page: list[Numbered] = []
    size = 0
    for number, line in lines:
        text = line.rstrip("\r\n")
        if not text.replace(",", "").strip():
            continue
        more = len(text.encode(errors="surrogateescape")) + 1
        if page and (len(page) == MOST_LINES or size + more > MOST_BYTES):
            yield page
            page, size = [], 0
        page.append((number, text))
        size += more
    if page:
        yield page
