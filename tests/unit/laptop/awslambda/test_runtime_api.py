"""The Runtime API's side of a worker's port, byte for byte."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from infra.laptop.awslambda.invocation import FunctionResponse, InvocationRequest, exited
from infra.laptop.awslambda.runtime_api import RuntimeApi

pytestmark = pytest.mark.anyio

NEXT = "GET /2018-06-01/runtime/invocation/next"
REQUEST = InvocationRequest(b'{"amount":1}', "id-1", "Root=1-5;Sampled=0")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Caller:
    """One connection to the port, as a runtime client would hold it."""

    def __init__(self, api: RuntimeApi, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.api = api
        self._reader = reader
        self._writer = writer

    def send(self, first: str, body: bytes = b"", host: str | None = None, more: str = "") -> None:
        head = f"{first} HTTP/1.1\r\nHost: {host or self.api.address}\r\nContent-Length: {len(body)}\r\n{more}\r\n"
        self._writer.write(head.encode() + body)

    async def receive(self) -> tuple[int, dict[str, str], bytes]:
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.split(": ") for line in head[1:] if line)
        return int(head[0].split()[1]), headers, await self._reader.readexactly(int(headers["Content-Length"]))

    async def call(self, first: str, body: bytes = b"", host: str | None = None, more: str = "") -> int:
        self.send(first, body, host, more)
        return (await self.receive())[0]

    def close(self) -> None:
        self._writer.close()


async def connect(api: RuntimeApi) -> Caller:
    host, port = api.address.split(":")
    return Caller(api, *await asyncio.open_connection(host, int(port)))


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    api = RuntimeApi()
    await api.listen("arn:of:it")
    caller = await connect(api)
    yield caller
    caller.close()
    api.close()


async def test_asking_for_the_first_request_ends_the_init(caller: Caller) -> None:
    caller.send(NEXT)
    assert await caller.api.initialised is None


async def test_the_next_request_comes_with_all_that_is_known_about_it(caller: Caller) -> None:
    caller.api.offer(REQUEST, 1_764_000_000_000)
    caller.send(NEXT)
    status, headers, body = await caller.receive()
    assert (status, body) == (200, REQUEST.event)
    assert {name: value for name, value in headers.items() if name.startswith("Lambda")} == {
        "Lambda-Runtime-Aws-Request-Id": "id-1",
        "Lambda-Runtime-Deadline-Ms": "1764000000000",
        "Lambda-Runtime-Invoked-Function-Arn": "arn:of:it",
        "Lambda-Runtime-Trace-Id": "Root=1-5;Sampled=0",
    }


async def test_a_response_is_the_answer(caller: Caller) -> None:
    answer = caller.api.offer(REQUEST, 0)
    assert await caller.call(NEXT) == 200
    assert await caller.call("POST /2018-06-01/runtime/invocation/id-1/response", b"42") == 202
    assert await answer == FunctionResponse(b"42")


@pytest.mark.parametrize("path", ["id-2/response", "id-2/error"])
async def test_an_answer_to_another_request_is_refused(caller: Caller, path: str) -> None:
    answer = caller.api.offer(REQUEST, 0)
    assert await caller.call(NEXT) == 200
    assert await caller.call(f"POST /2018-06-01/runtime/invocation/{path}", b"42") == 400
    assert not answer.done()


async def test_a_second_answer_is_refused(caller: Caller) -> None:
    answer = caller.api.offer(REQUEST, 0)
    for status in (202, 400):
        assert await caller.call("POST /2018-06-01/runtime/invocation/id-1/response", b"42") == status
    assert await answer == FunctionResponse(b"42")


async def test_an_error_that_cannot_be_read_is_still_an_error(caller: Caller) -> None:
    answer = caller.api.offer(REQUEST, 0)
    assert await caller.call("POST /2018-06-01/runtime/invocation/id-1/error", b"[]") == 202
    assert (await answer).error_type == "Runtime.Unknown"


@pytest.mark.parametrize(
    "first", ["GET /", "POST /2018-06-01/runtime/invocation/id-1/other", "GET /2018-06-01/runtime"]
)
async def test_what_is_no_operation_is_not_found(caller: Caller, first: str) -> None:
    assert await caller.call(first) == 404


@pytest.mark.parametrize(("host", "more"), [("evil.example", ""), (None, "Sec-Fetch-Site: cross-site\r\n")])
@pytest.mark.parametrize("first", [NEXT, "POST /2018-06-01/runtime/invocation/id-1/response"])
async def test_a_page_in_a_browser_gets_and_changes_nothing(
    caller: Caller, first: str, host: str | None, more: str
) -> None:
    answer = caller.api.offer(REQUEST, 0)
    assert await caller.call(first, host=host, more=more) == 403
    assert not answer.done()
    assert await caller.call(NEXT) == 200


async def test_a_request_for_a_worker_that_hung_up_is_known_to_be_unread(caller: Caller) -> None:
    caller.send(NEXT)
    await caller.api.initialised
    caller.close()
    other = await connect(caller.api)
    for _ in range(2):  # the loop has seen the end of the first connection by then
        assert await other.call("GET /") == 404
    other.close()
    caller.api.offer(REQUEST, 0)
    assert await caller.api.unread()


async def test_a_request_that_was_read_and_not_answered_is_not_unread(caller: Caller) -> None:
    caller.api.offer(REQUEST, 0)
    assert await caller.call(NEXT) == 200
    caller.close()
    assert not await caller.api.unread()


async def test_an_error_of_the_init_is_kept_without_its_stack(caller: Caller) -> None:
    report = {"errorType": "Runtime.ImportModuleError", "errorMessage": "no", "stackTrace": ["secret"]}
    assert await caller.call("POST /2018-06-01/runtime/init/error", json.dumps(report).encode()) == 202
    failure = await caller.api.initialised
    assert failure is not None
    assert b"secret" not in failure.body
    assert failure.error_type == "Runtime.ImportModuleError"


@pytest.mark.parametrize(
    ("returncode", "how"),
    [
        (1, "error: exit status 1"),
        (-9, "error: signal: killed"),
        (-6, "error: signal: aborted"),
        (0, "providing a reason"),
    ],
)
def test_the_end_of_a_process_is_worded_as_lambda_does(returncode: int, how: str) -> None:
    assert json.loads(exited("id-1", returncode).body)["errorMessage"].endswith(how)
