"""Ranges that start and end at line ends."""

import tracemalloc
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraudshield.batch.byte_range import MOST_CHUNKS, WINDOW_BYTES, ByteRange, ranges
from fraudshield.errors import Malformed, TooLarge


def of(whole: bytes) -> Callable[[int, int], bytes]:
    return lambda start, end: whole[start:end]


@given(st.lists(st.binary(max_size=12).map(lambda line: line.replace(b"\n", b"")), max_size=30), st.integers(12, 60))
def test_every_byte_is_in_one_range_and_every_range_ends_with_a_line(lines: list[bytes], chunk_bytes: int) -> None:
    whole = b"\n".join(lines)
    found = list(ranges(len(whole), 0, b"\n", of(whole), chunk_bytes))
    assert b"".join(whole[one.start : one.end] for one in found) == whole
    assert all(whole[one.end - 1 : one.end] == b"\n" for one in found[:-1])
    assert all(one.length for one in found)


def test_a_cut_at_a_line_end_stays_there() -> None:
    assert list(ranges(9, 0, b"\n", of(b"ab\ncd\nef\n"), 3)) == [ByteRange(0, 3), ByteRange(3, 6), ByteRange(6, 9)]


def test_a_cut_inside_a_line_goes_to_its_end() -> None:
    assert list(ranges(9, 0, b"\n", of(b"ab\ncd\nef\n"), 4)) == [ByteRange(0, 6), ByteRange(6, 9)]


def test_a_header_alone_has_no_range() -> None:
    assert list(ranges(9, 9, b"\n", of(b"ab\ncd\nef\n"))) == []


def test_a_line_longer_than_a_range_takes_the_next_ones_in() -> None:
    whole = b"a\n" + b"x" * 30_000 + b"\nb\n"
    assert [one.length for one in ranges(len(whole), 0, b"\n", of(whole), 20_000)] == [30_003, 2]


def test_a_file_without_line_ends_is_refused_before_it_is_read() -> None:
    read = 0

    def endless(start: int, end: int) -> bytes:
        nonlocal read
        read += end - start
        return b"x" * (end - start)

    with pytest.raises(Malformed, match="No line ends from byte"):
        list(ranges(10 << 30, 0, b"\n", endless))
    assert read < 32 << 20


def test_too_large_a_file_is_refused_with_the_limit() -> None:
    with pytest.raises(TooLarge) as caught:
        next(ranges(10 * MOST_CHUNKS + 1, 0, b"\n", of(b""), 10))
    assert caught.value.code == "file_too_large"


def test_ten_gigabytes_are_planned_in_constant_memory_and_a_few_megabytes_of_reading() -> None:
    line = b"x" * 69 + b"\n"
    read = 0

    def generated(start: int, end: int) -> bytes:
        nonlocal read
        read += end - start
        return (line * ((end - start) // 70 + 2))[start % 70 :][: end - start]

    tracemalloc.start()
    size = 10 * 10**9
    at = planned = 0
    for one in ranges(size, 70, b"\n", generated):
        assert one.start == (at or 70)
        assert one.end % 70 == 0 or one.end == size
        at, planned = one.end, planned + 1
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (at, planned) == (size, 1193)
    assert read < 10 << 20
    assert peak < 1 << 20


def test_ten_gigabytes_are_cut_without_being_held() -> None:
    line = b"x" * 99 + b"\n"
    size, read_bytes = 10 << 30, 0

    def read(start: int, end: int) -> bytes:
        nonlocal read_bytes
        read_bytes += end - start
        skipped = start % len(line)
        return (line * ((end - start) // len(line) + 2))[skipped : skipped + end - start]

    tracemalloc.start()
    found = list(ranges(size, 0, b"\n", read))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(found) == 1280
    assert found[0].start == 0
    assert found[-1].end == size
    assert all(one.end == following.start for one, following in pairwise(found))
    assert all(one.end % len(line) == 0 for one in found[:-1])
    assert read_bytes == 1279 * WINDOW_BYTES
    assert peak < 1 << 20
