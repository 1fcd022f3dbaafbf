"""Unpacking a gzip while it is read."""

import gzip
from collections.abc import Iterable

import pytest

from fraudshield.errors import Malformed, TooLarge
from fraudshield.text.gzip_text import STEP_BYTES, gunzip

TEXT = b"".join(b"%d,some text\n" % number for number in range(50_000))


def parts(whole: bytes, size: int) -> Iterable[bytes]:
    return [whole[at : at + size] for at in range(0, len(whole), size)]


@pytest.mark.parametrize("size", [1, 7, 1000, 1 << 20])
def test_it_unpacks_whatever_the_parts(size: int) -> None:
    text = TEXT if size > 7 else TEXT[:5000]
    assert b"".join(gunzip(parts(gzip.compress(text), size))) == text


def test_members_follow_one_another_and_may_be_padded() -> None:
    packed = gzip.compress(b"one\n") + gzip.compress(b"two\n") + b"\0" * 512
    assert b"".join(gunzip(parts(packed, 3))) == b"one\ntwo\n"


def test_no_step_is_larger_than_a_mebibyte() -> None:
    sizes = [len(block) for block in gunzip([gzip.compress(b"0" * (5 << 20))])]
    assert max(sizes) <= STEP_BYTES
    assert sum(sizes) == 5 << 20


def test_a_bomb_is_stopped_before_it_is_held() -> None:
    held: list[bytes] = []
    with pytest.raises(TooLarge, match="unpacks to over 3,000,000 bytes") as caught:
        held.extend(gunzip([gzip.compress(b"0" * (64 << 20))], most_bytes=3_000_000))
    assert sum(map(len, held)) <= 3_000_000
    assert caught.value.code == "gzip_too_large"


@pytest.mark.parametrize("left", [11, 100, -1, -8])
def test_a_cut_gzip_is_told_from_a_whole_one(left: int) -> None:
    with pytest.raises(Malformed) as caught:
        list(gunzip([gzip.compress(TEXT)[:left]]))
    assert caught.value.code == "gzip_cut"


def test_a_damaged_gzip_is_told() -> None:
    packed = bytearray(gzip.compress(TEXT))
    packed[len(packed) // 2] ^= 0xFF
    with pytest.raises(Malformed) as caught:
        list(gunzip([bytes(packed)]))
    assert caught.value.code == "gzip_damaged"
