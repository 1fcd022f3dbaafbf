"""An engine of the tests' own, behind an address where what is asked of it is counted; it can be stopped.

Its program is started by the product's environment; it is spoken to as any client does, in JSON over HTTP.
"""

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
from pathlib import Path
from infra.laptop.process import dynoxide
found = dynoxide.binary()
if isinstance(found, dynoxide.EngineMissing):
    sys.exit(found.reason)
with dynoxide.serve(found, Path(sys.argv[1])) as url:
    print(url, flush=True)
    sys.stdin.read()
"""
SIGNED = "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0"
HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}
BATCH, WRITERS = 25, 4
READS = {"Query", "Scan", "GetItem", "BatchGetItem"}


@dataclass(slots=True)
class Reads:
    """Calls that read a table, and rows that they looked at."""

    calls: int = 0
    rows: int = 0


@dataclass(slots=True)
class Engine:
    """The engine, at `url`. `reads` are those of the table `counted`."""

    upstream: str
    database: Path
    url: str = ""
    counted: str = "Transactions"
    reads: Reads = field(default_factory=Reads)

    def ask(self, operation: str, body: dict[str, Any]) -> dict[str, Any]:
        """One call, past the counting."""
        connection = HTTPConnection(urlsplit(self.upstream).netloc, timeout=60)
        headers = {"X-Amz-Target": f"DynamoDB_20120810.{operation}", "Content-Type": "application/x-amz-json-1.0"}
        connection.request(
            "POST", "/", json.dumps(body), headers | {"Authorization": SIGNED, "X-Amz-Date": "20260101T000000Z"}
        )
        response = connection.getresponse()
        answer: dict[str, Any] = json.loads(response.read())
        connection.close()
        assert response.status == 200, answer
        return answer

    def put_all(self, table: str, items: Sequence[dict[str, Any]]) -> None:
        """Writes items in batches."""
        chunks = [items[at : at + BATCH] for at in range(0, len(items), BATCH)]

        def put(chunk: Sequence[dict[str, Any]]) -> None:
            asked: Any = {table: [{"PutRequest": {"Item": item}} for item in chunk]}
            while asked:
                asked = self.ask("BatchWriteItem", {"RequestItems": asked}).get("UnprocessedItems")

        with ThreadPoolExecutor(WRITERS) as pool:
            list(pool.map(put, chunks))

    def table(self, name: str) -> str:
        """The name of the table that has `name` in its own."""
        names: list[str] = self.ask("ListTables", {})["TableNames"]
        return next(one for one in names if name in one)

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """It stands still while the block runs: connections open, nobody answers."""
        pid = self._pid()
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def _pid(self) -> int:
        """The process of the program itself, which has this database."""
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = entry.read_bytes().decode().split("\0")
            except OSError:
                continue  # it has ended meanwhile
            if words[0].endswith("dynoxide") and str(self.database) in words:
                return int(entry.parent.name)
        raise AssertionError("The engine does not run")

    def note(self, target: str, asked: bytes, answer: bytes) -> None:
        """Counts a call that went through."""
        operation = target.rpartition(".")[2]
        if operation not in READS or self.counted.encode() not in asked:
            return
        found = json.loads(answer)
        self.reads.calls += 1
        rows = [len(one) for one in found.get("Responses", {}).values()] if operation == "BatchGetItem" else []
        self.reads.rows += sum(rows) + found.get("ScannedCount", int("Item" in found))

    def read_by(self, act: Callable[[], object]) -> Reads:
        """What is read while `act` runs."""
        self.reads = Reads()
        act()
        return replace(self.reads)


@contextmanager
def engine(home: Path) -> Iterator[Engine]:
    """Runs one with its data in `home`. Raises AssertionError where there is none for this machine."""
    database = home / "own.db"
    command = [str(ROOT / ".venv/bin/python"), "-c", PROGRAM, str(database)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        found = Engine(process.stdout.readline().strip(), database)
        assert found.upstream, "There is no engine here: `make engine` fetches it"
        server = Server(("127.0.0.1", 0), _handler(found))
        found.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            server.server_close()
            assert process.stdin is not None
            process.stdin.close()
            process.wait(60)


class Server(ThreadingHTTPServer):
    """Connections are kept open, and cut, by those who ask: neither is waited for or told."""

    daemon_threads, block_on_close = True, False

    def handle_error(self, *_: object) -> None:
        pass


def _handler(engine: Engine) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 300

        def setup(self) -> None:
            super().setup()
            self.upstream = HTTPConnection(urlsplit(engine.upstream).netloc)

        def finish(self) -> None:
            self.upstream.close()
            super().finish()

        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
            try:
                self.upstream.request("POST", self.path, asked, headers)
                response = self.upstream.getresponse()
                answer = response.read()
                self.send_response(response.status)
                for name, value in response.getheaders():
                    if name.lower() not in HOP:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)
            except OSError:
                self.close_connection = True  # whoever asked has given up, or the engine has
                return
            engine.note(self.headers.get("X-Amz-Target", ""), asked, answer)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    return Handler
