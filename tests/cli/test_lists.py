"""`fraudshield lists`: a file of any length loaded in pages, and entries shown, page by page."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, ClassVar

import pytest

from fraudshield.errors import InvalidInput, Malformed, NotFound, Unavailable
from infra.cli.lists.client import MOST_LINES, TRIES, ListClient, Loaded


class ListApi(BaseHTTPRequestHandler):
    """Answers as the policy service does: takes no value twice, and each `busy` line at the second try only."""

    held: ClassVar[list[str]] = []
    pages: ClassVar[list[int]] = []
    busy: ClassVar[set[str]] = set()
    takes: ClassVar[int | None] = None  # of a page, where it takes no more of it

    def do_POST(self) -> None:
        """Takes a file."""
        sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if "nobodys" in self.path:
            return self._answer(404, {"detail": "There is no list of this name"})
        header, *lines = sent.split("\n")
        if header != "value,note":
            return self._answer(422, {"detail": "The first line should name the column value"})
        self.pages.append(len(lines))
        takes = len(lines) if self.takes is None else self.takes
        errors = [self._taken(number, line) for number, line in enumerate(lines[:takes], start=2)]
        errors += [_late(number) for number in range(takes + 2, len(lines) + 2)]
        refused = [one for one in errors if one is not None]
        return self._answer(
            422 if len(refused) == len(lines) else 200,
            {"lines": len(lines), "added": len(lines) - len(refused), "changed": 0, "unchanged": 0, "errors": refused},
        )

    def _taken(self, number: int, line: str) -> dict[str, Any] | None:
        value = line.partition(",")[0]
        if value in self.busy:
            self.busy.remove(value)
            return _late(number)
        if not value or value in self.held:
            return {"line": number, "code": "value_twice", "detail": "value: so"}
        self.held.append(value)
        return None

    def do_GET(self) -> None:
        """Shows three entries in two pages."""
        first = "cursor" not in self.path
        entries = [{"value": one} for one in (("C1", "C2") if first else ("C3",))]
        self._answer(200, {"entries": entries, "next_cursor": "more" if first else None})

    def _answer(self, status: int, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def _late(number: int) -> dict[str, Any]:
    return {"line": number, "code": "store_unavailable", "detail": "send this line again"}


@pytest.fixture
def client() -> Iterator[ListClient]:
    ListApi.held, ListApi.pages, ListApi.busy, ListApi.takes = [], [], set(), None
    server = ThreadingHTTPServer(("127.0.0.1", 0), ListApi)
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield ListClient(f"http://127.0.0.1:{server.server_port}", "key")
    server.shutdown()
    thread.join()
    server.server_close()


def loaded(client: ListClient, *lines: str) -> Loaded:
    [*_, last] = client.load("mules", ["\ufeffvalue,note\r\n", *(f"{line}\n" for line in lines)])
    return last


def test_a_long_file_goes_in_pages_and_a_bad_line_is_named_as_in_the_file(client: ListClient) -> None:
    lines = [f"C{number}," for number in range(MOST_LINES + 1)]
    told = loaded(client, *lines, "", ",,", "C0,")
    assert (told.added, told.lines) == (MOST_LINES + 1, MOST_LINES + 2)
    assert told.refused == [f"line {MOST_LINES + 5}: value: so"]
    assert ListApi.pages == [MOST_LINES, 2]


def test_lines_that_the_store_did_not_take_are_sent_again(client: ListClient) -> None:
    ListApi.busy = {"C1", "C3"}
    told = loaded(client, "C1,", "C2,", "C3,", "C2,")
    assert (told.added, told.refused) == (3, ["line 5: value: so"])
    assert ListApi.pages == [4, 2]
    ListApi.busy = {"C9"}
    assert loaded(client, "C9,").added == 1


def test_a_slow_store_is_waited_for_as_long_as_it_takes_something(client: ListClient) -> None:
    ListApi.takes = 1
    assert loaded(client, *(f"C{number}," for number in range(2 * TRIES))).added == 2 * TRIES
    ListApi.takes, ListApi.pages = 0, []
    with pytest.raises(Unavailable, match="2 lines from line 2 on were not stored"):
        loaded(client, "D1,", "D2,")
    assert ListApi.pages == [2] * TRIES


def test_what_is_no_such_file_or_list_is_told(client: ListClient) -> None:
    with pytest.raises(Malformed):
        list(client.load("mules", []))
    with pytest.raises(InvalidInput, match="The first line"):
        list(client.load("mules", ["amount\n", "1\n"]))
    with pytest.raises(NotFound):
        list(client.load("nobodys", ["value,note\n", "C1,\n"]))


def test_all_entries_are_shown(client: ListClient) -> None:
    assert [one["value"] for page in client.entries("mules") for one in page] == ["C1", "C2", "C3"]
