"""The examples of docs/integrate.md, each as it stands, against the real functions on a port that may misbehave."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.api.whole_api import handler_of
from tests.caller import POLICY, ApiResponse, Caller
from tests.conftest import README_TRANSACTION, ROOT
from tests.stack import Stack

CLIENTS = {"python": (sys.executable, "client.py"), "node": ("node", "client.mjs"), "curl": ("sh", "client.sh")}
NEEDED = {"node": "node", "curl": "curl"}
KEYS = {"score-key": "ScoreKey", "analyst-key": "AnalystKey"}
PATIENT_S, IMPATIENT_S = 30, 3  # how long a client waits for an answer that comes, and for one that does not
STOLEN = json.loads((ROOT / "events/transaction.json").read_text())
EVERYTHING = {"code": "everything", "outcome": "review", "when": [{"field": "amount", "at_least": 0}]}
REVIEW_ALL = {"based_on": 1, "thresholds": {"review": 0.5, "block": 0.9}, "conditions": [EVERYTHING], "force": True}
Answer = tuple[int, str]
Misbehaviour = Callable[[Callable[[], ApiResponse]], Answer]


@dataclass
class Served:
    """The API on a port. What the next requests get is in `faults`, then all is well."""

    url: str = ""
    faults: list[Misbehaviour] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)

    def answer(self, method: str, path: str, key: str, body: str | None) -> Answer:
        self.requests.append((method, path))

        def really() -> ApiResponse:
            return Caller(KEYS[key], handler=handler_of(path)).send_text(method, path, body)

        if self.faults:
            return self.faults.pop(0)(really)
        answered = really()
        return answered.status, answered.text


@dataclass
class TooLate:
    """It is decided and stored; the answer comes when nobody waits any more: the next request is there."""

    served: Served

    def __call__(self, really: Callable[[], ApiResponse]) -> Answer:
        answered = really()
        while len(self.served.requests) < 2:
            time.sleep(0.05)
        return answered.status, answered.text


def away(_: Callable[[], ApiResponse]) -> Answer:
    return 503, '{"status":503,"code":"not_persisted"}'


def not_stored_yet(really: Callable[[], ApiResponse]) -> Answer:
    answered = really()
    return answered.status, answered.text.replace('"persisted":true', '"persisted":false')


@pytest.fixture
def served(stack: Stack) -> Iterator[Served]:
    found = Served()

    class Handler(BaseHTTPRequestHandler):
        def do(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length).decode() if length else None
            loop = asyncio.new_event_loop()  # which Lambda's thread has
            asyncio.set_event_loop(loop)
            status, text = found.answer(self.command, self.path, self.headers["X-API-Key"], body)
            loop.close()
            try:
                self.send_response(status)
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())
            except OSError:
                pass  # whoever asked has gone

        do_GET = do_POST = do_PUT = do

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=CLIENTS)
def client(request: pytest.FixtureRequest) -> Sequence[str]:
    name = str(request.param)
    program, script = CLIENTS[name]
    if (needed := NEEDED.get(name)) and shutil.which(needed) is None:
        pytest.skip(f"THE EXAMPLE FOR {name} IS NOT TRIED: there is no {needed} here")
    return program, str(ROOT / "examples/integrate" / script)


def started(
    client: Sequence[str], served: Served, *arguments: str, within_s: int = 0, time_out_s: int = PATIENT_S
) -> "subprocess.Popen[str]":
    told = {"FRAUDSHIELD_URL": served.url, "TEST_API_KEY": "score-key", "FRONTEND_API_KEY": "analyst-key"}
    told |= {"FRAUDSHIELD_TIME_OUT_S": str(time_out_s), "FRAUDSHIELD_VERDICT_WITHIN_S": str(within_s)}
    told |= {"FRAUDSHIELD_ASK_EVERY_S": "1", "no_proxy": "*"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([*client, *arguments], env=os.environ | told, text=True, **pipes)  # type: ignore[call-overload,no-any-return]


@dataclass(frozen=True)
class Ended:
    """What a client said."""

    code: int
    said: list[str]
    complained: str


def ended(process: "subprocess.Popen[str]") -> Ended:
    out, err = process.communicate(timeout=120)
    return Ended(process.returncode, out.split(), err)


def paid(client: Sequence[str], served: Served, folder: Path, **changes: Any) -> Ended:
    return ended(started(client, served, payment(folder, **changes)))


def payment(folder: Path, **changes: Any) -> str:
    path = folder / "payment.json"
    path.write_text(json.dumps(README_TRANSACTION | changes, indent=2))
    return str(path)


def test_a_payment_is_approved_or_blocked_as_decided(client: Sequence[str], served: Served, tmp_path: Path) -> None:
    assert paid(client, served, tmp_path) == Ended(0, ["approve"], "")
    assert paid(client, served, tmp_path, **STOLEN).said == ["block"]


def test_after_a_time_out_the_same_id_gets_the_first_decision(
    client: Sequence[str], served: Served, stack: Stack, tmp_path: Path
) -> None:
    Caller().score(README_TRANSACTION, store=False)  # once all is loaded an answer comes in time
    served.faults = [TooLate(served)]
    done = ended(started(client, served, payment(tmp_path, **STOLEN), time_out_s=IMPATIENT_S))
    assert done.said == ["block"]
    assert len(served.requests) == 2
    assert [item["transaction_id"]["S"] for item in stack.items()] == ["sim-348"]


def test_after_a_fault_it_is_sent_again(client: Sequence[str], served: Served, tmp_path: Path) -> None:
    served.faults = [away]
    assert paid(client, served, tmp_path, **STOLEN).said == ["block"]


@pytest.mark.parametrize(("amount", "said"), [(20, ["approve"]), (499.99, ["approve"]), (500, ["review", "block"])])
def test_without_an_answer_only_what_is_dear_waits(
    client: Sequence[str], served: Served, tmp_path: Path, amount: float, said: list[str]
) -> None:
    served.faults = [away, away]
    assert paid(client, served, tmp_path, amount=amount).said == said
    assert len(served.requests) == 2


def test_what_is_not_stored_yet_is_decided_all_the_same(client: Sequence[str], served: Served, tmp_path: Path) -> None:
    served.faults = [not_stored_yet]
    done = paid(client, served, tmp_path)
    assert (done.said, "not stored yet" in done.complained) == (["approve"], True)


def test_what_we_did_wrong_is_said_and_not_sent_again(client: Sequence[str], served: Served, tmp_path: Path) -> None:
    done = paid(client, served, tmp_path, amount=-5)
    assert (done.code != 0, done.said, "/transactions/0/amount" in done.complained) == (True, [], True)
    assert len(served.requests) == 1


@pytest.mark.parametrize(("truth", "verdict"), [("genuine", "approve"), ("fraud", "block")])
def test_a_review_waits_for_its_verdict(
    client: Sequence[str], served: Served, tmp_path: Path, truth: str, verdict: str
) -> None:
    assert Caller().send("PUT", POLICY, REVIEW_ALL).status == 200
    waiting = started(client, served, payment(tmp_path), within_s=40)
    while not any(method == "GET" for method, _ in served.requests) and waiting.poll() is None:
        time.sleep(0.05)
    labelled = Caller(handler=handler_of("/api/v1/database")).send(
        "PUT", "/api/v1/database/transactions/test_123/label", {"label": truth}
    )
    assert labelled.status == 200
    assert ended(waiting).said == ["review", verdict]


def test_a_label_comes_back(client: Sequence[str], served: Served, stack: Stack, tmp_path: Path) -> None:
    paid(client, served, tmp_path)
    for _ in range(2):
        assert ended(started(client, served, "label", "test_123", "fraud")) == Ended(0, [], "")
    [stored] = [item for item in stack.items() if item["record"]["S"] == "transaction"]
    assert (stored["label"]["S"], stored["label_source"]["S"]) == ("fraud", "chargeback")
