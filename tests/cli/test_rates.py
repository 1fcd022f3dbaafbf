"""`fraudshield rates`: a file put through the API, and shown as the file that may be put again."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from fraudshield.errors import InvalidInput
from infra.cli.rates.client import RatesClient

CSV = b"currency,from,rate\r\nJPY,2026-01-01T00:00:00Z,0.0060\r\n"


class Api(BaseHTTPRequestHandler):
    """Answers as the policy service does; refuses a base that is none."""

    def do_PUT(self) -> None:
        """Takes a file."""
        sent = self.rfile.read(int(self.headers["Content-Length"]))
        good = (self.headers["Content-Type"], sent, self.headers["X-API-Key"]) == ("text/csv", CSV, "key")
        if not good or self.path not in ("/api/v1/policy/rates", "/api/v1/policy/rates?base=EUR"):
            return self._answer(422, json.dumps({"detail": "The rates are not valid: Line 2: so"}).encode())
        return self._answer(200, json.dumps({"version": 3, "base": "EUR"}).encode())

    def do_GET(self) -> None:
        """Shows it, to who asks for CSV."""
        self._answer(200 if self.headers["Accept"] == "text/csv" else 500, CSV)

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def client() -> Iterator[RatesClient]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield RatesClient(f"http://127.0.0.1:{server.server_port}", "key")
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("base", ["", "EUR"])
def test_a_file_is_put_and_its_version_told(client: RatesClient, base: str) -> None:
    assert client.put(CSV, base) == {"version": 3, "base": "EUR"}


def test_what_is_refused_is_told_in_the_apis_words(client: RatesClient) -> None:
    with pytest.raises(InvalidInput, match="Line 2: so"):
        client.put(CSV, "A&B")


def test_what_is_shown_is_the_file(client: RatesClient) -> None:
    assert client.show() == CSV.decode()
