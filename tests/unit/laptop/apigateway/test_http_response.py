"""An answer as it goes out over ASGI."""

import asyncio

import pytest
from starlette.types import Message

from infra.laptop.apigateway.http_response import HttpResponse


def sent(answer: HttpResponse) -> tuple[dict[bytes, bytes], bytes]:
    """The headers and the body."""
    messages: list[Message] = []

    async def send(message: Message) -> None:
        messages.append(message)

    loop = asyncio.new_event_loop()
    loop.run_until_complete(answer.send(send))
    loop.close()
    start, body = messages
    assert start["status"] == answer.status
    return dict(start["headers"]), body["body"]


def test_the_length_follows_from_the_body() -> None:
    assert sent(HttpResponse(200, body=b"four")) == ({b"content-length": b"4"}, b"four")


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_that_may_have_no_body_has_neither_body_nor_length(status: int) -> None:
    assert sent(HttpResponse(status, (("X-A", "1"),), b"unexpected")) == ({b"x-a": b"1"}, b"")


def test_headers_are_taken_away_whatever_their_case() -> None:
    answer = HttpResponse(200, (("Access-Control-Allow-Origin", "*"), ("access-control-max-age", "1"), ("X-A", "1")))
    assert answer.without("access-control-").headers == (("X-A", "1"),)
