"""The guard in front of a program that would answer any web page: each request is looked at, not each connection."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from infra.laptop.process.loopback_proxy import HEAD_BYTES, LoopbackProxy

OWN = b"Host: 127.0.0.1:5006\r\n"
WAIT_S = 20.0


@contextmanager
def proxied(program: type["Counting"] | None, head_s: float = WAIT_S) -> Iterator[int]:
    """The port of a proxy in front of a program; None is one that is away."""
    loop, enough = asyncio.new_event_loop(), asyncio.Event()
    made: list[Counting | LoopbackProxy] = []

    def note(one: Counting | LoopbackProxy) -> asyncio.Protocol:
        made.append(one)
        return one

    async def serve() -> None:
        if program is not None:
            await loop.create_server(lambda: note(program()), sock=inner)
        await loop.create_server(lambda: note(LoopbackProxy(inner_port, head_s)), sock=outer)
        await enough.wait()
        for one in made:
            one.transport.abort()
        while len(asyncio.all_tasks()) > 1:
            await asyncio.sleep(0)
        for _ in made * 4:  # asyncio tells the other sides in the next rounds of the loop
            await asyncio.sleep(0)

    with socket.create_server(("127.0.0.1", 0)) as inner, socket.create_server(("127.0.0.1", 0)) as outer:
        inner_port = inner.getsockname()[1]
        if program is None:
            inner.close()
        port = outer.getsockname()[1]
        running = threading.Thread(target=loop.run_until_complete, args=(serve(),))
        running.start()
        try:
            yield port
        finally:
            loop.call_soon_threadsafe(enough.set)
            running.join()
            loop.close()


class Counting(asyncio.Protocol):
    """Answers each request, whose body is as long as it says, with that body."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self._come = transport, b""

    def data_received(self, data: bytes) -> None:
        self._come += data
        while (found := self._come.partition(b"\r\n\r\n"))[1]:
            length = int(found[0].lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
            if len(found[2]) < length:
                return
            self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (length, found[2][:length]))
            self._come = found[2][length:]


@pytest.fixture
def port() -> Iterator[int]:
    with proxied(Counting) as port:
        yield port


@contextmanager
def client(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), WAIT_S) as connection:
        yield connection


def request(headers: bytes = OWN, body: bytes = b"") -> bytes:
    return b"POST / HTTP/1.1\r\n%bContent-Length: %d\r\n\r\n%b" % (headers, len(body), body)


def all_of(connection: socket.socket) -> bytes:
    """What comes until the other side hangs up."""
    return b"".join(iter(lambda: connection.recv(65536), b""))


def one_of(connection: socket.socket, length: int) -> bytes:
    """An answer with a body of this length."""
    said = b""
    while len(said.partition(b"\r\n\r\n")[2]) < length or b"\r\n\r\n" not in said:
        said += connection.recv(65536)
    return said


@pytest.mark.parametrize(
    "headers",
    [
        OWN,
        b"Host: localhost:5006\r\nOrigin: http://localhost:3000\r\nSec-Fetch-Site: same-site\r\n",
        b"HOST:127.0.0.1\r\n",
    ],
)
def test_a_program_or_page_of_this_machine_is_answered(port: int, headers: bytes) -> None:
    with client(port) as connection:
        connection.sendall(request(headers, b"hello"))
        assert one_of(connection, 5).endswith(b"\r\n\r\nhello")


@pytest.mark.parametrize(
    "headers",
    [
        b"Host: evil.example\r\n",
        b"",
        OWN + b"Host: evil.example\r\n",
        OWN + b"Origin: https://evil.example\r\n",
        OWN + b"oRIGIN:https://evil.example\r\n",
        OWN + b"Origin: null\r\n",
        OWN + b"Sec-Fetch-Site: cross-site\r\n",
    ],
)
def test_a_web_page_is_refused_and_the_program_hears_nothing_of_it(port: int, headers: bytes) -> None:
    with client(port) as connection:
        connection.sendall(request(headers, b"DeleteItem"))
        said = all_of(connection)
    assert said.startswith(b"HTTP/1.1 403 ")
    assert b"DeleteItem" not in said


def test_a_page_that_takes_over_a_connection_is_refused_too(port: int) -> None:
    with client(port) as connection:
        connection.sendall(request(body=b"first"))
        assert one_of(connection, 5).endswith(b"first")
        connection.sendall(request(OWN + b"Origin: https://evil.example\r\n", b"second"))
        said = all_of(connection)
    assert said.startswith(b"HTTP/1.1 403 ")


def test_a_head_hidden_in_a_body_is_a_body(port: int) -> None:
    hidden = request(b"Host: evil.example\r\n", b"x")
    with client(port) as connection:
        connection.sendall(request(body=hidden))
        assert one_of(connection, len(hidden)).endswith(hidden)


def test_two_requests_in_pieces_of_a_byte_are_two_requests(port: int) -> None:
    with client(port) as connection:
        for byte in request(body=b"one") + request(body=b"two"):
            connection.send(bytes([byte]))
        said = one_of(connection, 3)
        while b"two" not in said:
            said += connection.recv(65536)
    assert said.count(b"200 OK") == 2


def test_a_body_of_megabytes_passes(port: int) -> None:
    body = b"x" * 4_000_000
    with client(port) as connection:
        sending = threading.Thread(target=connection.sendall, args=(request(body=body),))
        sending.start()
        assert one_of(connection, len(body)).endswith(body)
        sending.join()


@pytest.mark.parametrize(
    "framing", [b"Transfer-Encoding: chunked\r\n", b"Content-Length: 7\r\n", b"Content-Length: x\r\n"]
)
def test_a_body_whose_end_cannot_be_known_is_refused(port: int, framing: bytes) -> None:
    with client(port) as connection:
        connection.sendall(request(OWN + framing, b"12345"))
        assert all_of(connection).startswith(b"HTTP/1.1 411 ")


def test_a_head_without_end_is_refused(port: int) -> None:
    with client(port) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\n" + b"X: " + b"x" * HEAD_BYTES)
        assert all_of(connection).startswith(b"HTTP/1.1 431 ")


def test_a_program_that_is_away_is_said_to_be() -> None:
    with proxied(None) as port, client(port) as connection:
        connection.sendall(request())
        assert all_of(connection).startswith(b"HTTP/1.1 503 ")


@pytest.mark.parametrize("begun", [b"", b"POST / HT", request()[:-2]])
def test_a_client_that_does_not_end_its_head_is_hung_up_on(begun: bytes) -> None:
    with proxied(Counting, head_s=0.2) as port, client(port) as connection:
        connection.sendall(begun)
        assert all_of(connection) == b""


def test_a_client_that_rests_between_requests_is_not() -> None:
    with proxied(Counting, head_s=0.2) as port, client(port) as connection:
        connection.sendall(request(body=b"first"))
        assert one_of(connection, 5)
        with client(port) as other:
            assert all_of(other) == b""  # the time for a head is over, here too
        connection.sendall(request(body=b"second"))
        assert one_of(connection, 6).endswith(b"second")
