"""Endpoints that fail as networks do: closed, silent, or with a response that never ends."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: 9999\r\n\r\n"
DRIP_S = 0.1  # between two bytes: well inside the time-out of one read


@contextmanager
def refused() -> Iterator[str]:
    """A port that is bound, so that nobody else takes it, and does not listen."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield url(taken)


@contextmanager
def blackhole() -> Iterator[str]:
    """Connections are made and nothing ever comes back."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as server:
        yield url(server)


@contextmanager
def dripping() -> Iterator[str]:
    """The response comes a byte at a time and never ends, so that no single read times out."""
    over = Event()

    def drip(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.sendall(HEAD)
            while not over.wait(DRIP_S):
                connection.sendall(b" ")

    with serving(drip) as address:
        try:
            yield address
        finally:
            over.set()


@contextmanager
def serving(respond: Callable[[socket.socket], None]) -> Iterator[str]:
    """Serves each connection in a thread of its own; yields the address."""
    threads: list[Thread] = []

    def accept(server: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = server.accept()
                threads.append(Thread(target=respond, args=[connection]))
                threads[-1].start()

    with socket.create_server(("127.0.0.1", 0), backlog=128) as server:
        acceptor = Thread(target=accept, args=[server])
        acceptor.start()
        try:
            yield url(server)
        finally:
            server.shutdown(socket.SHUT_RDWR)
            acceptor.join()
    for thread in threads:
        thread.join()


def url(listening: socket.socket) -> str:
    return f"http://127.0.0.1:{listening.getsockname()[1]}"
