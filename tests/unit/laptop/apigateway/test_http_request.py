"""A request's head and body as they come in over ASGI."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any

import pytest
from starlette.types import Message, Receive

from infra.laptop.apigateway.http_request import MAX_BODY_BYTES, HttpRequest, RequestTooLarge
from infra.laptop.errors import RequestError


def run(body: Coroutine[Any, Any, bytes]) -> bytes:
    """On a loop of its own: `asyncio.run` would take away the thread's, which the handlers' tests use."""
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(body)
    finally:
        loop.close()


def request(path: bytes = b"/", *headers: tuple[bytes, bytes]) -> HttpRequest:
    scope = {"method": "POST", "raw_path": path, "query_string": b"", "headers": headers, "http_version": "1.1"}
    return HttpRequest.from_scope(scope)


def sending(messages: Iterable[Message]) -> Receive:
    left = iter(messages)

    async def receive() -> Message:
        for message in left:
            return message
        await asyncio.Event().wait()
        raise AssertionError

    return receive


def part(body: bytes, *, more: bool) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


@pytest.mark.parametrize(
    ("target", "path"),
    [
        (b"/a%2Fb", "/a%2Fb"),
        (b"http://h:1/a", "/a"),
        (b"http://h", "/"),
        (b"/a://b/c", "/a://b/c"),
        (b"*", "*"),
        (b"x" * 100_000, "x" * 100_000),
    ],
)
def test_a_path_is_as_the_client_encoded_it_and_without_an_origin(target: bytes, path: str) -> None:
    assert request(target).path == path


def test_the_last_of_a_repeated_header_counts() -> None:
    assert request(b"/", (b"x", b"1"), (b"x", b"2")).header("x") == "2"


def test_a_body_is_put_together() -> None:
    assert run(request().body(sending([part(b"ab", more=True), part(b"c", more=False)]))) == b"abc"


def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    with pytest.raises(RequestError, match="did not arrive"):
        run(request().body(sending([part(b"ab", more=True)]), timeout_s=0.01))


def test_a_client_that_hangs_up_has_sent_nothing() -> None:
    with pytest.raises(RequestError, match="hung up"):
        run(request().body(sending([part(b"ab", more=True), {"type": "http.disconnect"}])))


def test_a_body_that_says_it_is_too_large_is_not_read() -> None:
    with pytest.raises(RequestTooLarge):
        run(request(b"/", (b"content-length", b"10485761")).body(sending([])))


def test_a_body_that_does_not_say_is_read_up_to_the_limit() -> None:
    whole = part(b"x" * MAX_BODY_BYTES, more=True)
    assert len(run(request().body(sending([whole, part(b"", more=False)])))) == MAX_BODY_BYTES
    with pytest.raises(RequestTooLarge):
        run(request().body(sending([whole, part(b"x", more=True)])))
