"""Bodies that come packed, as API Gateway unpacks them."""

import gzip
import zlib
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.laptop.apigateway.content_encoding import UnsupportedEncoding, packed, unpacked
from infra.laptop.apigateway.http_request import MAX_BODY_BYTES, RequestTooLarge
from infra.laptop.apigateway.http_response import HttpResponse

gzip_of = partial(gzip.compress, mtime=0)  # the same bytes at any time: they are in the names of tests

BODY = b'{"transactions": []}'


def bare(body: bytes) -> bytes:
    return zlib.compress(body, wbits=-15)


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip_of,
    "GZIP ": gzip_of,
    "deflate": zlib.compress,
    "Deflate": bare,
}


@given(body=st.binary(max_size=2000), coding=st.sampled_from(sorted(PACKED)))
def test_what_was_packed_is_unpacked(body: bytes, coding: str) -> None:
    assert unpacked(PACKED[coding](body), coding) == body


@given(parts=st.lists(st.binary(max_size=50), min_size=1, max_size=4))
def test_gzip_may_have_several_members(parts: list[bytes]) -> None:
    assert unpacked(b"".join(map(gzip_of, parts)), "gzip") == b"".join(parts)


@pytest.mark.parametrize("coding", [None, "", "identity", "Identity"])
def test_a_body_that_is_not_packed_stays_as_it_is(coding: str | None) -> None:
    assert unpacked(gzip_of(BODY), coding) == gzip_of(BODY)


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_no_body_is_no_body(coding: str) -> None:
    assert unpacked(b"", coding) == b""


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (BODY, "br"),
        (b"", "br"),
        (gzip_of(gzip_of(BODY)), "gzip, gzip"),
        (BODY, "gzip"),
        (BODY, "deflate"),
        (zlib.compress(BODY), "gzip"),
        (gzip_of(BODY)[:-1], "gzip"),
        (gzip_of(BODY) + b"more", "gzip"),
        (zlib.compress(BODY)[:-1], "deflate"),
        (zlib.compress(BODY) + b"more", "deflate"),
    ],
)
def test_what_is_not_in_a_coding_that_is_known_is_refused(body: bytes, coding: str) -> None:
    with pytest.raises(UnsupportedEncoding):
        unpacked(body, coding)


def test_a_bomb_ends_at_the_payload_quota() -> None:
    assert len(unpacked(gzip_of(b"x" * MAX_BODY_BYTES), "gzip")) == MAX_BODY_BYTES
    with pytest.raises(RequestTooLarge):
        unpacked(gzip_of(b"x" * MAX_BODY_BYTES) + gzip_of(b"x"), "gzip")


LONG = HttpResponse(200, (("content-type", "text/plain"),), 1024 * b"a")


@pytest.mark.parametrize(
    ("accepted", "coding", "unpack"),
    [("gzip", "gzip", gzip.decompress), ("br, Deflate;q=0.5, gzip", "deflate", zlib.decompress)],
)
def test_a_long_response_is_packed_as_the_client_takes_it(
    accepted: str, coding: str, unpack: Callable[[bytes], bytes]
) -> None:
    sent = packed(LONG, accepted, 1024)
    assert sent.headers == (*LONG.headers, ("content-encoding", coding))
    assert unpack(sent.body) == LONG.body


@pytest.mark.parametrize(("accepted", "at_least"), [("gzip", 1025), ("br", 0), (None, 0), ("", 0), ("gzip", None)])
def test_a_response_is_left_as_it_is(accepted: str | None, at_least: int | None) -> None:
    assert packed(LONG, accepted, at_least) == LONG


def test_what_is_packed_already_is_not_packed_again() -> None:
    once = packed(LONG, "gzip", 1)
    assert packed(once, "gzip", 1) == once
