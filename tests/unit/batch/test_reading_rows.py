"""Columns of a file: those that are read as a whole, and those that are read row by row."""

from dataclasses import replace

from fraudshield.batch.byte_range import Block
from fraudshield.batch.header import Header, header_of
from fraudshield.batch.reading import READ_AT_ONCE, ParsedBlock, parse
from fraudshield.transaction.field import REQUIRED
from tests.chunk import HEADER, row

WIDE = header_of(["device", *HEADER.strip().split(",")], "payments.csv")


def read_wide(header: Header, *devices: str) -> ParsedBlock:
    text = "".join(f"{device},{row(transaction_id=f't{at}')}" for at, device in enumerate(devices))
    return parse(Block(0, text.encode()), b"\n", header)


def test_what_every_payment_has_is_read_at_once() -> None:
    assert {*REQUIRED} <= READ_AT_ONCE


def test_a_column_that_no_payment_has_is_passed_over() -> None:
    found = read_wide(WIDE, "phone", "")
    assert (len(found.rows), found.refused) == (2, [])


def test_an_id_that_no_address_can_end_with_is_refused_among_others() -> None:
    text = "".join(row(transaction_id=one) for one in ("t1", "..", ".", "...", "t.1"))
    found = parse(Block(0, text.encode()), b"\n", header_of(HEADER.strip().split(","), "payments.csv"))
    assert found.rows.column("transaction_id") == ["t1", "...", "t.1"]
    assert [fault.pointer for one in found.refused for fault in one.faults] == ["/transaction_id"] * 2


def test_a_field_that_is_not_read_at_once_is_left_to_the_reader_of_one_row() -> None:
    """The reader of one row refuses the unknown field, so the columns must have left the row to it."""
    header = replace(WIDE, positions={**WIDE.positions, "device": 0})
    found = read_wide(header, "phone")
    [refused] = found.refused
    assert (len(found.rows), [fault.pointer for fault in refused.faults]) == (0, ["/device"])
