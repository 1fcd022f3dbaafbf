"""Ctrl-C ends the command with the shell's status for it, and without a word about Python."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.cli.command import ROOT, UNSET, interruptible

ENTRY = "from infra.cli.entry import main; main()"
WHILE_IT_IMPORTS = f"""if True:
    import sys
    class Interrupted:
        def find_spec(self, name, *_):
            if name == "infra.cli.main":
                raise KeyboardInterrupt
    sys.meta_path.insert(0, Interrupted())
    {ENTRY}
"""


class EndlessJob(BaseHTTPRequestHandler):
    """Takes a file, and is never done with it."""

    def do_POST(self) -> None:
        host = self.headers["Host"]
        self._answer({"max_bytes": 1000, "upload_url": f"http://{host}/put", "s3_key": "k", "job_id": "j"})

    def do_PUT(self) -> None:
        self._answer({})

    def do_GET(self) -> None:
        self._answer({"job_id": "j", "status": "running", "progress": 3, "processed_items": 1})

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 its parent's name
        pass

    def _answer(self, content: dict[str, object]) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def api() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), EndlessJob) as server:
        running = threading.Thread(target=server.serve_forever, args=(0.02,))
        running.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        running.join()


def test_while_a_job_is_watched(api: str, tmp_path: Path) -> None:
    file = tmp_path / "payments.csv"
    file.write_text("step\n1\n")
    command = [sys.executable, "-c", ENTRY, "batch", str(file), "--watch", "--url", api, "--key", "x" * 20]
    env = os.environ | dict.fromkeys(UNSET, "")
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=interruptible,  # noqa: PLW1509
    ) as watching:
        assert watching.stdout is not None
        assert watching.stderr is not None
        assert json.loads(watching.stdout.readline())["job_id"] == "j"
        watching.send_signal(signal.SIGINT)
        assert (watching.wait(60), watching.stderr.read()) == (130, b"")


def test_while_it_is_still_being_imported() -> None:
    ended = subprocess.run([sys.executable, "-c", WHILE_IT_IMPORTS], cwd=ROOT, capture_output=True, check=False)
    assert (ended.returncode, ended.stderr) == (130, b"")
