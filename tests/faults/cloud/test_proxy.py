"""The proxy does to a connection what its mode says, and is itself again afterwards."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from tests.faults.harness.proxy import Mode, Proxy, proxied
from tests.faults.network import serving

SOON_S = 20.0
NOTICE_S = 0.5  # that long nothing comes
WORD = b"word"


def echo(connection: socket.socket) -> None:
    with connection, suppress(OSError):
        while heard := connection.recv(100):
            connection.sendall(heard)


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with serving(echo) as upstream, proxied(upstream) as running:
        yield running


@contextmanager
def connected(proxy: Proxy) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", int(proxy.url.rpartition(":")[2])), timeout=SOON_S) as connection:
        yield connection


def echoed(connection: socket.socket) -> bytes:
    connection.sendall(WORD)
    return connection.recv(100)


def test_it_passes(proxy: Proxy) -> None:
    with connected(proxy) as connection:
        assert echoed(connection) == WORD


def test_refusing_it_resets_what_is_open_and_takes_nobody_new(proxy: Proxy) -> None:
    with connected(proxy) as connection:
        assert echoed(connection) == WORD
        proxy.become(Mode.REFUSE)
        with pytest.raises(ConnectionResetError):
            echoed(connection)
    with pytest.raises(ConnectionRefusedError), connected(proxy):
        pass


@pytest.mark.parametrize("already_open", [True, False])
def test_as_a_black_hole_it_answers_nothing(proxy: Proxy, already_open: bool) -> None:
    with connected(proxy) as connection:
        if already_open:
            assert echoed(connection) == WORD
        proxy.become(Mode.BLACKHOLE)
        connection.settimeout(NOTICE_S)
        with pytest.raises(TimeoutError):
            echoed(connection)


def test_dripping_it_gives_a_byte_at_a_time(proxy: Proxy) -> None:
    proxy.become(Mode.DRIP)
    with connected(proxy) as connection:
        assert echoed(connection) == WORD[:1]
        assert connection.recv(100) == WORD[1:2]


@pytest.mark.parametrize("fault", [Mode.REFUSE, Mode.BLACKHOLE, Mode.DRIP])
def test_healed_it_passes_again_at_the_same_address(proxy: Proxy, fault: Mode) -> None:
    proxy.become(fault)
    proxy.become(Mode.PASS)
    with connected(proxy) as connection:
        assert echoed(connection) == WORD
