"""Exchange rates: one table of dated rates, in versions, and what an amount is worth by it.

A rate says how much of the table's `base` one unit of a currency is worth, from a moment on and until the next rate of
that currency. Between two currencies of which neither is the base the rate is that of the one over that of the other.
"""

from bisect import bisect_right
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from hashlib import sha256
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from fraudshield.event_type.currency import DIGITS
from fraudshield.text.json_text import json_text
from fraudshield.text.timestamp import timestamp

MOST_AMOUNT = 10**15  # as of any amount: what is converted to more is not known


class Rate(NamedTuple):
    """From `since` on a unit of the currency is worth so much of the base."""

    currency: str
    since: datetime
    rate: Decimal


class Rates(BaseModel):
    """One version of the table, never changed. Version 0 is the empty one that there is before any is put."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = 0
    base: str = ""
    rates: tuple[Rate, ...] = ()
    created_at: datetime | None = None
    created_by: str = ""
    actor: str = ""
    digest: str = ""

    def sealed(self) -> "Rates":
        """The same with its digest: 64 hex digits over base and rates, and not over who put them."""
        said = [[one.currency, timestamp(one.since), one.rate] for one in self.rates]
        digest = sha256(json_text({"base": self.base, "rates": said}, sort_keys=True).encode()).hexdigest()
        return self.model_copy(update={"digest": digest})

    @property
    def currencies(self) -> list[str]:
        """The currencies that have a rate, in order of name."""
        return sorted(self._by_currency)

    def converted(self, amount: Decimal, currency: str | None, to: str, at: datetime) -> Decimal | None:
        """An amount, in major units, in another currency; None where a rate is missing that was in force then.

        It is worked out exactly and rounded once, to the smallest unit of `to`: half of one away from zero.
        """
        if currency == to:
            return amount
        worth, of_one = self._worth(currency, at), self._worth(to, at)
        if worth is None or of_one is None:
            return None
        found = rounded(Fraction(amount) * worth / of_one, DIGITS[to])
        return found if abs(found) < MOST_AMOUNT else None

    def _worth(self, currency: str | None, at: datetime) -> Fraction | None:
        """What a unit was worth, in the base."""
        if currency is None or currency == self.base:
            return Fraction(1) if currency else None
        since, rates = self._by_currency.get(currency, ([], []))
        place = bisect_right(since, at)
        return Fraction(rates[place - 1]) if place else None

    @cached_property
    def _by_currency(self) -> Mapping[str, tuple[list[datetime], list[Decimal]]]:
        found: dict[str, tuple[list[datetime], list[Decimal]]] = {}
        for one in sorted(self.rates):
            since, rates = found.setdefault(one.currency, ([], []))
            since.append(one.since)
            rates.append(one.rate)
        return found


def rounded(exact: Fraction, digits: int) -> Decimal:
    """A number with so many digits behind its point; half of the last one goes away from zero."""
    doubled = 2 * abs(exact.numerator) * 10**digits
    units = (doubled + exact.denominator) // (2 * exact.denominator)
    return Decimal(units if exact >= 0 else -units).scaleb(-digits)


NO_RATES = Rates()
