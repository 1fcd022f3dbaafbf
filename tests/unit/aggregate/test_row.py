"""Rows that several reads have of one entity."""

from datetime import timedelta
from decimal import Decimal

from fraudshield.aggregate.row import HistoryRead, HistoryRow, merged
from fraudshield.expression.names import Kind
from tests.fakes import NOW

HOUR = timedelta(hours=1)


def rows(*hours_ago: int, prefix: str = "t") -> tuple[HistoryRow, ...]:
    times = {ago: NOW - ago * HOUR for ago in hours_ago}
    return tuple(HistoryRow(f"{prefix}{ago}", at, at, Decimal(1), "approve", "api") for ago, at in times.items())


def test_a_payment_that_names_it_twice_is_there_once() -> None:
    both = merged([HistoryRead(rows(1, 3)), HistoryRead(rows(1, 2))])
    assert both == HistoryRead(rows(1, 2, 3))


def test_what_is_older_than_a_read_that_was_cut_is_left_out() -> None:
    both = merged([HistoryRead(rows(1, 3), capped=True), HistoryRead(rows(2, 4, prefix="s"))])
    assert both == HistoryRead((*rows(1), *rows(2, prefix="s"), *rows(3)), capped=True)


def test_a_shown_value_of_another_kind_is_none() -> None:
    [row] = rows(1)
    shown = HistoryRow(
        row.transaction_id, row.occurred_at, row.decided_at, row.amount, row.outcome, row.source,
        shown={"a": "2026-11-24T10:00:00Z", "b": Decimal(2), "c": True, "d": "soon"},
    )  # fmt: skip
    assert shown.value("a", Kind.INSTANT) == NOW
    assert shown.value("a", Kind.NUMBER) is None
    assert shown.value("b", Kind.TEXT) is None
    assert (shown.value("c", Kind.BOOLEAN), shown.value("b", Kind.BOOLEAN)) == (True, None)
    assert (shown.value("d", Kind.INSTANT), shown.value("e", Kind.MONEY)) == (None, None)
