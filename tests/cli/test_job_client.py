"""The command's client: patient with a busy API, plain about a refusal, and never half a file."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from fraudshield.errors import InvalidInput, NotFound, Unavailable
from infra.cli.batch import Look
from infra.cli.job_client import JobClient


class Busy(BaseHTTPRequestHandler):
    """Answers 503 once for each path, then what the path says."""

    seen: set[str]

    def do_GET(self) -> None:
        """As told."""
        status = 503 if self.path not in self.seen else int(self.path.rsplit("-", 1)[-1])
        self.seen.add(self.path)
        body = json.dumps({"status": "running", "detail": f"it is {status}"}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def client() -> Iterator[JobClient]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Now", (Busy,), {"seen": set()}))
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield JobClient(f"http://127.0.0.1:{server.server_port}", "key")
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_busy_api_is_asked_again(client: JobClient) -> None:
    assert client.job("job-200")["status"] == "running"


@pytest.mark.parametrize(("status", "error"), [(404, NotFound), (422, InvalidInput), (500, Unavailable)])
def test_a_refusal_is_told_in_the_apis_words(client: JobClient, status: int, error: type[Exception]) -> None:
    with pytest.raises(error, match=f"it is {status}"):
        client.job(f"job-{status}")


def test_who_does_not_answer_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1:9 does not answer"):
        JobClient("http://127.0.0.1:9", "key").job("job-1")
    with pytest.raises(Unavailable):
        JobClient("", "").download("http://127.0.0.1:9/x", tmp_path / "x")
    with pytest.raises(InvalidInput, match="no http"):
        JobClient("", "").download("file:///etc/passwd", tmp_path / "x")
    assert not list(tmp_path.iterdir())


def test_rates_are_told_once_there_are_some() -> None:
    job = {"job_id": "j", "status": "running", "progress": 25.0, "processed_items": 1000}
    assert json.loads(Look(job, 10.0).line()) | {} == {**job, "rows_per_s": 100, "seconds_left": 30.0}
    waiting = Look(job | {"progress": 0.0, "processed_items": 0}, 1.0)
    assert (waiting.rows_per_s, waiting.left_s) == (None, None)
