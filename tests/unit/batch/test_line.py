"""Blocks that end where a line does, cut by the bytes alone."""

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from fraudshield.batch.byte_range import Block, blocks


def cut(whole: bytes, size: int, block_bytes: int) -> list[Block]:
    parts: Iterable[bytes] = (whole[at : at + size] for at in range(0, len(whole), size))
    return list(blocks(parts, b"\n", 5, block_bytes))


def test_a_block_ends_with_the_last_line_that_fits() -> None:
    assert cut(b"aa\nbb\ncc\ndd", 100, 7) == [Block(5, b"aa\nbb\n"), Block(11, b"cc\ndd")]


def test_a_line_longer_than_a_block_is_named_and_passed_over() -> None:
    assert cut(b"a\n" + b"x" * 50 + b"\nb\n", 4, 8) == [
        Block(5, b"a\n"),
        Block(7, b"", too_long=True),
        Block(58, b"b\n"),
    ]


def test_a_last_line_without_an_end_may_be_too_long() -> None:
    [block] = cut(b"x" * 500, 9, 100)
    assert block == Block(5, b"", too_long=True)


def test_nothing_has_no_blocks() -> None:
    assert cut(b"", 1, 8) == []


@given(st.lists(st.binary(max_size=30).map(lambda line: line.replace(b"\n", b"")), max_size=20), st.integers(1, 40))
def test_how_the_bytes_arrive_changes_nothing(lines: list[bytes], size: int) -> None:
    whole = b"\n".join(lines)
    expected = cut(whole, len(whole) or 1, 16)
    assert cut(whole, size, 16) == expected
    if not any(block.too_long for block in expected):
        assert b"".join(block.content for block in expected) == whole
