"""Packed bodies: what a sender packed is what we read, and no more is unpacked than may be there."""

import gzip
import zlib
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraudshield.api.content_coding import MOST_MEMBERS, unpacked
from fraudshield.errors import Malformed, TooLarge, UnsupportedCoding

gzip_of = partial(gzip.compress, mtime=0)  # the same bytes at any time: they are in the names of tests

MOST = 10_000
TEXT = b'{"transactions": []}'


def raw(body: bytes, level: int = 9) -> bytes:
    """As senders pack who take "deflate" at its word."""
    packer = zlib.compressobj(level, zlib.DEFLATED, -15)
    return packer.compress(body) + packer.flush()


@given(parts=st.lists(st.binary(max_size=1000), min_size=1, max_size=5), level=st.integers(0, 9))
def test_what_is_packed_comes_out(parts: list[bytes], level: int) -> None:
    body = b"".join(parts)
    members = b"".join(gzip_of(one, level) for one in parts)
    for name in ("gzip", "GZIP", " x-gzip "):
        assert unpacked(members, name, MOST) == body
    assert unpacked(members + bytes(512), "gzip", MOST) == body
    assert unpacked(zlib.compress(body, level), "deflate", MOST) == body


@pytest.mark.parametrize("level", range(10))
def test_deflate_without_a_frame_comes_out(level: int) -> None:
    assert unpacked(raw(TEXT * 100, level), "deflate", MOST) == TEXT * 100


@given(text=st.text(max_size=1000))
@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_what_api_gateway_has_unpacked_stays_as_it_is(coding: str, text: str) -> None:
    body = f'{{"a": "{text}"}}'.encode("utf-8", "replace")
    assert unpacked(body, coding, MOST) == body


@pytest.mark.parametrize("coding", ["", "identity", "Identity"])
def test_what_is_not_packed_stays_as_it_is(coding: str) -> None:
    assert unpacked(gzip_of(TEXT), coding, MOST) == gzip_of(TEXT)


@pytest.mark.parametrize("coding", ["br", "zstd", "compress", "gzip, gzip", "gzip,deflate", "*", "é", "g" * 1000])
def test_any_other_coding_is_refused_by_name(coding: str) -> None:
    with pytest.raises(UnsupportedCoding) as refused:
        unpacked(TEXT, coding, MOST)
    assert coding[:80] in str(refused.value)


@given(cut=st.integers(1, len(gzip_of(TEXT)) - 2))
def test_a_body_that_ends_early_is_refused(cut: int) -> None:
    for body, coding in ((gzip_of(TEXT), "gzip"), (gzip_of(TEXT) * 2, "gzip")):
        with pytest.raises(Malformed):
            unpacked(body[: len(body) - cut], coding, MOST)


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (gzip_of(TEXT)[:-8] + bytes(8), "gzip"),  # another checksum
        (gzip_of(TEXT) + b"more", "gzip"),
        (zlib.compress(TEXT)[:-1], "deflate"),
        (zlib.compress(TEXT) + b"more", "deflate"),
        (raw(TEXT)[:-1], "deflate"),
        (gzip_of(TEXT), "deflate"),
        (zlib.compress(TEXT), "gzip"),
        (b"\x1f\x8b", "gzip"),
        (b"\xff", "gzip"),
        (b"\xff", "deflate"),
        (gzip_of(b"") * (MOST_MEMBERS + 1), "gzip"),
    ],
)
def test_a_damaged_body_is_refused(body: bytes, coding: str) -> None:
    with pytest.raises(Malformed) as refused:
        unpacked(body, coding, MOST)
    assert refused.value.code == "damaged"


@pytest.mark.parametrize("size", [MOST - 1, MOST, MOST + 1, MOST * 1000])
def test_no_more_is_unpacked_than_may_be_there(size: int) -> None:
    body = bytes(size)
    packed = (gzip_of(body), gzip_of(body[:100]) + gzip_of(body[100:]))
    for one, coding in ((packed[0], "gzip"), (packed[1], "gzip"), (zlib.compress(body), "deflate")):
        if size <= MOST:
            assert unpacked(one, coding, MOST) == body
        else:
            with pytest.raises(TooLarge):
                unpacked(one, coding, MOST)
