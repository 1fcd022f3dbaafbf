"""Rows whose id repeats an earlier one."""

import pytest

from fraudshield.batch.byte_range import Block
from fraudshield.batch.columns import Rows
from fraudshield.batch.header import header_of
from fraudshield.batch.reading import Repeats, parse
from tests.chunk import HEADER, row


def rows(*ids: str) -> Rows:
    text = "".join(row(transaction_id=name) for name in ids)
    return parse(Block(0, text.encode()), b"\n", header_of(HEADER.strip().split(","), "payments.csv")).rows


def test_an_id_is_known_from_block_to_block() -> None:
    repeats = Repeats()
    assert repeats.refuse(rows("a", "b"))[1] == []
    kept, [refused] = repeats.refuse(rows("c", "a"))
    assert kept.column("transaction_id") == ["c"]
    assert refused.line == 1
    assert repeats.refuse(rows("c"))[1] != []


def test_at_least_so_many_ids_are_remembered_as_were_asked_for() -> None:
    repeats = Repeats(remembered=2)
    for name in "abcd":
        repeats.refuse(rows(name))
    assert repeats.refuse(rows("c"))[1] != []
    assert repeats.refuse(rows("a"))[1] == []


@pytest.mark.parametrize("ids", [("", ""), ("", "a", "")])
def test_rows_without_ids_are_no_repeats(ids: tuple[str, ...]) -> None:
    assert Repeats().refuse(rows(*ids))[1] == []
