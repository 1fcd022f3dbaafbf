"""Rates: which one is in force at a time, and what an amount is by it, to the smallest unit."""

from decimal import Decimal, getcontext, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraudshield.event_type.currency import DIGITS
from fraudshield.rate.rate import NO_RATES, rounded
from tests.rates.fake import at, rates_of

RATES = rates_of(("JPY", "2026-01-01", "0.0060"), ("JPY", "2026-06-01", "0.0065"), ("USD", "2026-01-01", "0.92"))


@pytest.mark.parametrize(
    ("when", "euros"),
    [
        ("2025-12-31T23:59:59.999999", None),
        ("2026-01-01", "6.59"),
        ("2026-05-31T23:59:59.999999", "6.59"),
        ("2026-06-01", "7.14"),
        ("2030-01-01", "7.14"),
    ],
)
def test_the_rate_in_force_is_the_newest_that_had_begun(when: str, euros: str | None) -> None:
    found = RATES.converted(Decimal(1099), "JPY", "EUR", at(when))
    assert found == (None if euros is None else Decimal(euros))


def test_between_two_currencies_one_rate_is_over_the_other() -> None:
    assert RATES.converted(Decimal(1000), "JPY", "USD", at("2026-01-02")) == Decimal("6.52")
    assert RATES.converted(Decimal("10.99"), "EUR", "JPY", at("2026-01-02")) == Decimal(1832)
    assert RATES.converted(Decimal("10.99"), "GBP", "EUR", at("2026-01-02")) is None
    assert RATES.converted(Decimal("10.99"), "EUR", "GBP", at("2026-01-02")) is None


def test_what_is_in_the_currency_already_stays_as_it_was_sent() -> None:
    assert RATES.converted(Decimal("10.999"), "GBP", "GBP", at("2026-01-02")) == Decimal("10.999")


def test_nothing_is_converted_from_a_currency_that_nobody_knows_or_without_rates() -> None:
    assert RATES.converted(Decimal(1), None, "EUR", at("2026-01-02")) is None
    assert NO_RATES.converted(Decimal(1), "JPY", "EUR", at("2026-01-02")) is None


def test_what_would_be_more_than_any_amount_is_not_known() -> None:
    dear = rates_of(("BTN", "2026-01-01", "1000000"))
    assert dear.converted(Decimal(10**9), "BTN", "EUR", at("2026-01-02")) is None
    assert dear.converted(Decimal(10**8), "BTN", "EUR", at("2026-01-02")) == 10**14


@pytest.mark.parametrize(
    ("exact", "digits", "is_"),
    [("0.125", 2, "0.13"), ("-0.125", 2, "-0.13"), ("0.12499999", 2, "0.12"), ("2.5", 0, "3"), ("1.0005", 3, "1.001")],
)
def test_half_of_the_smallest_unit_goes_away_from_zero(exact: str, digits: int, is_: str) -> None:
    assert rounded(Fraction(exact), digits) == Decimal(is_)


@given(
    st.decimals(0, 10**9, allow_nan=False, places=3),
    st.decimals("0.0001", "9999", places=6),
    st.decimals("0.0001", "9999", places=6),
    st.sampled_from(sorted(DIGITS)),
)
def test_it_is_what_forty_digits_say_rounded_once(amount: Decimal, one: Decimal, other: Decimal, to: str) -> None:
    of = "USD" if to != "USD" else "CHF"
    table = rates_of((of, "2026-01-01", str(one)), (to, "2026-01-01", str(other)), base="XOF" if to != "XOF" else "EUR")
    with localcontext(getcontext()) as context:
        context.prec = 60
        exact = Fraction(amount) * Fraction(one) / Fraction(other)
        found = table.converted(amount, of, to, at("2026-01-02"))
        if found is not None:
            assert abs(Fraction(found) - exact) <= Fraction(1, 2 * 10 ** DIGITS[to])
            assert -int(found.as_tuple().exponent) == DIGITS[to]


def test_the_digest_is_of_what_the_rates_say_and_not_of_who_said_it() -> None:
    again = rates_of(("JPY", "2026-01-01", "0.0060"), version=7)
    assert again.digest == rates_of(("JPY", "2026-01-01", "0.0060")).digest
    assert again.digest != rates_of(("JPY", "2026-01-01", "0.0061")).digest
    assert again.digest != rates_of(("JPY", "2026-01-01", "0.0060"), base="USD").digest
