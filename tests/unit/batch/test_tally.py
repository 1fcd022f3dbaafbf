"""Counts add up exactly, in any order."""

from decimal import Decimal
from itertools import permutations

from fraudshield.batch.tally import Tally, added
from tests.chunk import DRAINED, HEADER, row, score


def test_the_order_of_the_parts_changes_nothing() -> None:
    parts = [
        score(HEADER + row(amount="0.1") + "x\n").tally,
        score(HEADER + row(**DRAINED)).tally,
        Tally(lines=3),
        score(HEADER + row(amount="999999999999999.99")).tally,
    ]
    assert len({added(order).model_dump_json() for order in permutations(parts)}) == 1


def test_a_sum_is_exact_where_floats_are_not() -> None:
    day = {"2026-11-24": {"amount": Decimal("0.1")}}
    many = Tally(days={"2026-11-24": {"amount": Decimal("999999999999999.99999999999999999999")}})
    total = added([*[Tally(days=day)] * 3, many]).total["amount"]
    assert total == Decimal("1000000000000000.29999999999999999999")


def test_nothing_adds_nothing() -> None:
    assert added([]) == Tally()
    one = score(HEADER + row()).tally
    assert one + Tally() == one
