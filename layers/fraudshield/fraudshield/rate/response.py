"""Rates as the API shows them: JSON, or the CSV that may be put again."""

from typing import NotRequired

from typing_extensions import TypedDict

from fraudshield.rate.rate import Rate, Rates
from fraudshield.rate.request import COLUMNS
from fraudshield.text.json_text import Number
from fraudshield.text.schema import Moment
from fraudshield.text.timestamp import timestamp

RateObject = TypedDict("RateObject", {"currency": str, "from": Moment, "rate": Number})
RateObject.__doc__ = "From then on a unit of the currency is worth so much of the base."


class RatesVersion(TypedDict):
    """A version of the rates, without them. Version 0 is the empty one that there is before any is put."""

    version: int
    base: str | None
    digest: str | None
    count: int
    currencies: list[str]
    created_at: Moment | None
    created_by: str
    actor: NotRequired[str]


class RatesResponse(RatesVersion):
    """A version of the rates with all of them, by currency and time."""

    rates: list[RateObject]


def rates_version(rates: Rates) -> RatesVersion:
    """A version as its author is answered."""
    shown: RatesVersion = {
        "version": rates.version,
        "base": rates.base or None,
        "digest": rates.digest or None,
        "count": len(rates.rates),
        "currencies": rates.currencies,
        "created_at": timestamp(rates.created_at) if rates.created_at else None,
        "created_by": rates.created_by,
    }
    if rates.actor:
        shown["actor"] = rates.actor
    return shown


def rates_response(rates: Rates) -> RatesResponse:
    """A version with its rates."""
    return {**rates_version(rates), "rates": [_shown(one) for one in rates.rates]}


def rates_csv(rates: Rates) -> str:
    """The rates as a file that may be put again."""
    rows = [f"{one.currency},{timestamp(one.since)},{one.rate:f}" for one in rates.rates]
    return "\r\n".join([",".join(COLUMNS), *rows, ""])


def _shown(one: Rate) -> RateObject:
    return {"currency": one.currency, "from": timestamp(one.since), "rate": one.rate}
