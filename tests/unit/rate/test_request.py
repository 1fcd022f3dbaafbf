"""A file of rates: read line by line, refused as a whole with every line that is at fault."""

import gzip
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from fraudshield.errors import InvalidInput, Malformed, TooLarge
from fraudshield.rate.request import MOST_FAULTS, base_of, read_rates
from fraudshield.text.csv_table import MOST_LINES

HEADER = "currency,from,rate\n"
GOOD = HEADER + "USD,2026-01-01,0.92\nJPY,2026-01-01T00:00:00+09:00,6.0e-3\n"


def test_a_day_begins_in_utc_and_a_time_has_its_offset() -> None:
    rates = read_rates(GOOD.encode(), "EUR").rates
    assert [(one.currency, one.since, one.rate) for one in rates] == [
        ("JPY", datetime(2025, 12, 31, 15, tzinfo=UTC), Decimal("0.0060")),
        ("USD", datetime(2026, 1, 1, tzinfo=UTC), Decimal("0.92")),
    ]


@pytest.mark.parametrize(
    "body",
    [
        GOOD.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + GOOD.encode(),
        gzip.compress(GOOD.encode(), mtime=0),
        (GOOD + "\n,,\n").encode(),
        b"rate, from ,currency\n0.92,2026-01-01,USD\n0.0060,2025-12-31T15:00:00Z,JPY\n",
    ],
)
def test_the_same_rates_are_read_however_the_file_is_written(body: bytes) -> None:
    assert read_rates(body, "EUR") == read_rates(GOOD.encode(), "EUR")


@pytest.mark.parametrize(
    ("line", "code", "says"),
    [
        ("EURO,2026-01-01,1", "unknown_currency", "did you mean EUR?"),
        ("usd,2026-01-01,1", "unknown_currency", "did you mean USD?"),
        ("EUR,2026-01-01,1", "rate_of_base", "EUR is the base"),
        ("USD,2026-13-01,1", "bad_time", "from should be a day"),
        ("USD,2026-01-01T10:00:00,1", "bad_time", "with an offset"),
        ("USD,24.11.2026,1", "bad_time", "found '24.11.2026'"),
        ("USD,,1", "bad_time", "found nothing"),
        ("USD,2026-01-01,0", "bad_rate", "found '0'"),
        ("USD,2026-01-01,-1", "bad_rate", "found '-1'"),
        ('USD,2026-01-01,"0,92"', "bad_rate", "found '0,92'"),
        ("USD,2026-01-01,NaN", "bad_rate", "found 'NaN'"),
        ("USD,2026-01-01,1e13", "bad_rate", "rate should be a number"),
        ("USD,2026-01-01,0.12345678901234567890123456789", "bad_rate", "at most 28 digits"),
        ("USD,2026-01-01,=1+1", "formula", "rate begins as a formula does"),
        ("@USD,2026-01-01,1", "formula", "currency begins as a formula does"),
        ("USD,2026-01-01", "row_length", "2 cells, expected 3"),
        ('USD,"2026-01-01,1', "not_csv", "a quote is still open"),
        ("USD,2026-01-01T00:00:00Z,0.92\nUSD,2026-01-01,0.93", "rate_twice", "Line 3 has a rate of USD from then on"),
    ],
)
def test_a_bad_line_is_named_by_its_number(line: str, code: str, says: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_rates(f"{HEADER}CHF,2026-01-01,1.05\n{line}\n".encode(), "EUR")
    [fault] = refused.value.faults
    number = 3 + line.count("\n")
    assert (fault.pointer, fault.code) == (f"/lines/{number}", code)
    assert fault.detail.startswith(f"Line {number}: ")
    assert says in fault.detail
    assert refused.value.code == "invalid_rates"


def test_all_bad_lines_are_named_up_to_a_hundred() -> None:
    with pytest.raises(InvalidInput) as refused:
        read_rates((HEADER + "USD,never,1\n" * (MOST_FAULTS + 1)).encode(), "EUR")
    assert [one.pointer for one in refused.value.faults] == [f"/lines/{at}" for at in range(2, MOST_FAULTS + 2)]


@pytest.mark.parametrize("body", [b"", b"currency,rate\nUSD,1\n", HEADER.encode(), b"currency;from;rate\nUSD;2026;1\n"])
def test_what_is_no_such_file_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        read_rates(body, "EUR")


def test_ten_thousand_lines_are_taken_and_no_more() -> None:
    def lines(most: int) -> bytes:
        return (HEADER + "".join(f"USD,{1000 + at // 28}-01-{at % 28 + 1:02},1\n" for at in range(most))).encode()

    assert len(read_rates(lines(MOST_LINES), "EUR").rates) == MOST_LINES
    with pytest.raises(TooLarge):
        read_rates(lines(MOST_LINES + 1), "EUR")


def test_the_base_is_what_is_said_or_what_all_types_report_in() -> None:
    assert base_of("USD", ["EUR"]) == "USD"
    assert base_of(None, ["EUR", "EUR"]) == "EUR"


@pytest.mark.parametrize(
    ("said", "reporting", "code", "says"),
    [
        ("euro", [], "unknown_currency", "'euro' is no currency"),
        (None, [], "no_base", "no event type has a reporting currency yet"),
        (None, ["USD", "EUR"], "no_base", "event types report in EUR and USD"),
    ],
)
def test_without_a_base_nothing_is_taken(said: str | None, reporting: list[str], code: str, says: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        base_of(said, reporting)
    [fault] = refused.value.faults
    assert (fault.pointer, fault.code) == ("?base", code)
    assert says in fault.detail
