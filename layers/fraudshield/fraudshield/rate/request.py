"""A file of rates as it is put: CSV, read line by line; where one line is at fault none is taken, and all are named."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, cast

from fraudshield.errors import Fault, InvalidInput, Malformed
from fraudshield.event_type.currency import DIGITS, unknown_currency
from fraudshield.rate.rate import Rate
from fraudshield.text import csv_line
from fraudshield.text.csv_cell import NUMBER, is_formula
from fraudshield.text.csv_table import no_line, read_table
from fraudshield.text.fault import SHOWN
from fraudshield.text.number import MAX_DIGITS
from fraudshield.text.query import Query
from fraudshield.text.timestamp import RFC_3339

MOST_FAULTS = 100  # of one file, in one answer
LEAST_RATE, MOST_RATE = Decimal("1e-12"), Decimal("1e12")  # no two currencies are further apart
COLUMNS = ("currency", "from", "rate")
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
INVALID = "invalid_rates"


class RatesQuery(Query):
    """`base` is the currency that a rate says the worth in; the one that all event types report in may be left out."""

    base: Annotated[str, "a currency's code"] | None = None


@dataclass(frozen=True, slots=True)
class RateTable:
    """Rates as somebody means to put them."""

    base: str
    rates: tuple[Rate, ...]


def base_of(said: str | None, reporting: Collection[str]) -> str:
    """The base of a table: what was said, else the one currency that event types report in.

    Raises InvalidInput: it is no currency, or none was said and there are several or none.
    """
    if said is not None:
        if said not in DIGITS:
            raise _invalid([Fault("?base", unknown_currency(said), "unknown_currency")])
        return said
    found = sorted(set(reporting))
    if len(found) == 1:
        return found[0]
    types = f"event types report in {' and '.join(found)}" if found else "no event type has a reporting currency yet"
    says = f"base should say which currency the rates are in, as ?base=EUR: {types}"
    raise _invalid([Fault("?base", says, "no_base")])


def read_rates(body: bytes, base: str) -> RateTable:
    """Reads a table whose header is `currency,from,rate`; empty lines are skipped.

    Raises:
        Malformed: no CSV, another header, no line.
        TooLarge: there are more than 10,000, or a gzip unpacks to more than a body may have.
        InvalidInput: with the faults of lines, each at `/lines/N`; the header is line 1.
    """
    table = read_table(body)
    if sorted(table.columns) != sorted(COLUMNS):
        says = f"The first line should name the columns {','.join(COLUMNS)}; {table.found}"
        raise Malformed(says, code="not_csv")
    if not table.lines:
        raise no_line()
    return RateTable(base, _all_good(table.lines, table.columns, base))


def _all_good(lines: Sequence[tuple[int, str | Fault]], columns: Sequence[str], base: str) -> tuple[Rate, ...]:
    rates: dict[tuple[str, datetime], int] = {}
    found: list[Rate] = []
    faults: list[Fault] = []
    for number, line in lines:
        one = _rate(line, columns, base)
        if isinstance(one, Rate) and (before := rates.setdefault(one[:2], number)) != number:
            one = Fault("", f"Line {before} has a rate of {one.currency} from then on already", "rate_twice")
        if isinstance(one, Rate):
            found.append(one)
        else:
            faults.append(Fault(f"/lines/{number}", f"Line {number}: {one.detail}", one.code))
    if faults:
        raise _invalid(faults)
    return tuple(sorted(found))


def _rate(line: str | Fault, columns: Sequence[str], base: str) -> Rate | Fault:
    row = csv_line.read_row(line, len(columns))
    if isinstance(row, Fault):
        return row
    cells = {name: cell.strip() for name, cell in zip(columns, row, strict=True)}
    since = _since(cells["from"])
    fault = next(_faults(cells, since, base), None)
    return Rate(cells["currency"], since, Decimal(cells["rate"])) if fault is None and since else cast(Fault, fault)


def _faults(cells: Mapping[str, str], since: datetime | None, base: str) -> Iterator[Fault]:
    """What is wrong with a line; the first fault is told."""
    for name, cell in cells.items():
        if is_formula(cell):
            yield Fault("", f"{name} begins as a formula does, expected {SAID[name]}", "formula")
    currency, said, rate = (cells[name] for name in COLUMNS)
    if currency not in DIGITS:
        yield Fault("", unknown_currency(currency), "unknown_currency")
    if currency == base:
        yield Fault("", f"{base} is the base: a unit of it is worth 1, and no line says so", "rate_of_base")
    if since is None:
        yield Fault("", f"from should be {SAID['from']}, found {_shown(said)}", "bad_time")
    if not NUMBER.fullmatch(rate) or not LEAST_RATE <= Decimal(rate) <= MOST_RATE:
        yield Fault("", f"rate should be {SAID['rate']}, found {_shown(rate)}", "bad_rate")
    elif len("".join(map(str, Decimal(rate).as_tuple().digits)).strip("0")) > MAX_DIGITS:
        yield Fault("", f"rate should have at most {MAX_DIGITS} digits", "bad_rate")


SAID = {
    "currency": "a code as JPY",
    "from": "a day as 2026-11-24, which begins in UTC, or an RFC 3339 time with an offset",
    "rate": f"a number from {LEAST_RATE:f} to {MOST_RATE:f}",
}


def _since(text: str) -> datetime | None:
    """A day begins at midnight in UTC."""
    try:
        if DAY.fullmatch(text):
            return datetime.fromisoformat(text).replace(tzinfo=UTC)
        return datetime.fromisoformat(text.upper()).astimezone(UTC) if RFC_3339.fullmatch(text) else None
    except (ValueError, OverflowError):
        return None


def _shown(cell: str) -> str:
    return repr(cell[:SHOWN]) if cell else "nothing"


def _invalid(faults: Sequence[Fault]) -> InvalidInput:
    return InvalidInput(f"The rates are not valid: {faults[0].detail}", faults[:MOST_FAULTS], code=INVALID)
