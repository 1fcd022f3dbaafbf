"""A sender's loop over the laptop's gateway: packed, with ids of its own, and sent again until there is a response."""

import asyncio
import gzip
import json
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import pytest
import urllib3

from functions.batch import app as batch
from functions.database import app as database
from functions.gateway import app as gateway
from functions.ingest import app as ingest
from functions.model import app as model
from infra.laptop.awslambda.invocation import FunctionResponse, exited, throttled
from tests.caller import Context
from tests.conftest import README_TRANSACTION
from tests.gateway_server import ANALYST, SCORE, ServedGateway, listening, served_gateway
from tests.stack import Stack

FUNCTIONS = {
    "BatchFunction": batch.lambda_handler,
    "DatabaseFunction": database.lambda_handler,
    "GatewayFunction": gateway.lambda_handler,
    "IngestFunction": ingest.lambda_handler,
    "ModelFunction": model.lambda_handler,
}
PAYMENTS = 40
AGAIN = urllib3.Retry(total=5, status_forcelist=[429, 500, 502, 503, 504], allowed_methods=None, backoff_factor=0)
KEY_OF_THE_PLAN = {"ScoreKey": "ScoreKey", "AnalystKey": "AnalystKey"}


@dataclass
class Functions:
    """The functions in this process. Of those that are asked to score, many a response is lost, and some never ran."""

    served: ServedGateway | None = None
    asked: int = 0
    seen: list[str] = field(default_factory=list)

    async def act(self, event: dict[str, Any]) -> FunctionResponse:
        """What the function responds, or what Lambda does instead."""
        assert self.served is not None
        self.asked += 1
        if event["resource"] == "/api/v1/score" and self.asked % 5 == 1:
            return throttled()
        name = self.served.runtime.functions[-1]
        response = await asyncio.to_thread(self._run, name, event)
        if event["resource"] == "/api/v1/score" and self.asked % 3 == 1:
            return exited("r-1", 1)  # after it had done its work
        return FunctionResponse(json.dumps(response).encode())

    def _run(self, name: str, event: dict[str, Any]) -> dict[str, Any]:
        identity = event["requestContext"]["identity"]
        identity["apiKeyId"] = KEY_OF_THE_PLAN.get(identity.get("apiKeyId"), "")
        self.seen.append(event["headers"].get("x-request-id", ""))
        with closing(asyncio.new_event_loop()) as loop:
            asyncio.set_event_loop(loop)
            return FUNCTIONS[name](event, Context())


@dataclass(frozen=True, slots=True)
class Sender:
    """A Python client as people write it."""

    url: str
    pool: urllib3.PoolManager

    def send(self, method: str, path: str, headers: dict[str, str], body: bytes | None = None) -> Any:
        return self.pool.request(method, self.url + path, body=body, headers=headers, retries=AGAIN, timeout=30)

    def score(self, name: str, coding: str) -> Any:
        body = json.dumps({"transactions": [README_TRANSACTION | {"transaction_id": name}]}).encode()
        packed = gzip.compress(body) if coding == "gzip" else zlib.compress(body)
        headers = {"Content-Type": "application/json", "Content-Encoding": coding, "X-Request-Id": f"try-{name}"}
        return self.send("POST", "/api/v1/score", SCORE | headers, packed)


@pytest.fixture
def functions() -> Functions:
    return Functions()


@pytest.fixture
def sender(stack: Stack, functions: Functions) -> Iterator[Sender]:
    functions.served = served_gateway(functions.act)
    with listening(lambda _: functions.served.gateway) as port, urllib3.PoolManager() as pool:  # type: ignore[union-attr]
        yield Sender(f"http://127.0.0.1:{port}", pool)


def test_every_payment_is_decided_once_however_often_it_is_sent(
    stack: Stack, functions: Functions, sender: Sender
) -> None:
    names = [f"pay/{number}" for number in range(PAYMENTS)]
    replies = [sender.score(name, "gzip" if number % 2 else "deflate") for number, name in enumerate(names)]
    assert {reply.status for reply in replies} == {200}
    assert [reply.headers["x-request-id"] for reply in replies] == [f"try-{name}" for name in names]
    assert functions.asked > PAYMENTS  # or else nothing was lost
    entries = [reply.json()["results"][0] for reply in replies]
    assert [entry["transaction_id"] for entry in entries] == names
    assert [sender.score(name, "gzip").json()["results"][0] for name in names] == entries
    assert len([item for item in stack.items() if item["record"]["S"] == "transaction"]) == PAYMENTS


def test_what_was_learned_is_sent_back_as_a_packed_file(sender: Sender) -> None:
    names = [f"pay/{number}" for number in range(5)]
    for name in names:
        sender.score(name, "gzip")
    file = "transaction_id,label,source\n" + "".join(f"{name},fraud,chargeback\n" for name in names)
    headers = {"Content-Type": "text/csv", "Content-Encoding": "gzip", "X-Actor": "J%C3%BCrgen"}
    reply = sender.send("POST", "/api/v1/database/labels/", ANALYST | headers, gzip.compress(file.encode()))
    assert reply.json()["labelled"] == len(names)
    label = sender.send("GET", "/api/v1/database/transactions/pay%2F3/label", ANALYST).json()["label"]
    assert (label["label"], label["actor"], label["by"]) == ("fraud", "Jürgen", "AnalystKey")
    shown = sender.send("GET", "/api/v1/database/transactions/pay%2F3", SCORE).json()
    assert shown["transaction"]["transaction_id"] == "pay/3"


def test_a_monitor_asks_with_head_first(sender: Sender) -> None:
    for path in ("/health", "/", "/openapi.json", "/health/"):
        reply = sender.send("HEAD", path, {})
        assert (reply.status, reply.data, reply.headers.get("content-length")) == (200, b"", None)
    assert sender.send("PATCH", "/health", {}).headers["allow"] == "GET, HEAD"


def test_a_mistake_is_told_and_not_sent_again(functions: Functions, sender: Sender) -> None:
    replies = [
        sender.send("POST", "/api/v1/ingest/ingest?dry_run=true", SCORE, b"{}"),
        sender.send("POST", "/api/v1/ingest/ingest", SCORE | {"Content-Encoding": "br"}, b"{}"),
        sender.send("GET", "/api/v1/model/model/info", SCORE | {"X-Actor": "%FF"}),
    ]
    assert [(reply.status, reply.json()["code"]) for reply in replies] == [
        (400, "invalid_parameter"),
        (415, "unsupported_media_type"),
        (400, "invalid_actor"),
    ]
    assert replies[1].headers["accept-encoding"] == "gzip, deflate, identity"
