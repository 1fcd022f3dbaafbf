"""A free port stays free until the program that it was looked for has taken it."""

import socket

import pytest

from infra.laptop.errors import SetupError
from infra.laptop.process.port import claim, free


def test_a_port_that_was_found_is_given_to_nobody_who_asks_for_any() -> None:
    found = free(0)
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(("127.0.0.1", found))  # without SO_REUSEADDR, as the system looks for one


def test_who_asks_for_just_that_port_gets_it() -> None:
    found = free(0)
    with claim(found) as listening:
        assert listening.getsockname()[1] == found


def test_a_port_that_somebody_has_is_refused() -> None:
    with claim(0) as listening, pytest.raises(SetupError, match="is taken by"):
        free(listening.getsockname()[1])
