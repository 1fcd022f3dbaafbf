"""Currencies by their codes, and how many digits the smallest unit of each has (ISO 4217)."""

from collections.abc import Mapping
from decimal import Decimal

from fraudshield.event_type.field import EventField
from fraudshield.event_type.reserved import words
from fraudshield.expression.names import nearest

CODE = r"^[A-Z]{3}$"
WITHOUT_MINOR = words("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF")
OF_THREE_DIGITS = words("BHD IQD JOD KWD LYD OMR TND")
OF_FOUR_DIGITS = words("CLF UYW")
OF_TWO_DIGITS = words(
    """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP
    CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR
    JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN
    NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP
    SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG
    """
)
DIGITS = (
    dict.fromkeys(WITHOUT_MINOR, 0)
    | dict.fromkeys(OF_TWO_DIGITS, 2)
    | dict.fromkeys(OF_THREE_DIGITS, 3)
    | dict.fromkeys(OF_FOUR_DIGITS, 4)
)


def unknown_currency(code: str) -> str:
    """What to say of a text that is no currency's code."""
    meant = code.upper() if code.upper() in DIGITS else nearest(code, sorted(DIGITS)) if code.isalpha() else None
    return f"{code[:16]!r} is no currency of ISO 4217" + (f"; did you mean {meant}?" if meant else ", such as EUR")


def in_major(minor: Decimal, currency: str) -> Decimal:
    """An amount in a currency's smallest unit, in its usual one: 1099 of EUR are 10.99. Raises KeyError."""
    return minor.scaleb(-DIGITS[currency])


def in_minor(major: Decimal, currency: str) -> Decimal:
    """The other way about: 10.99 of EUR are 1099. Raises KeyError."""
    return major.scaleb(DIGITS[currency])


def in_currency(fields: Mapping[str, EventField], currency: str | None) -> dict[str, EventField]:
    """The fields with a currency for money that says none: a code, or the name of the field that holds it."""
    if currency is None:
        return dict(fields)
    silent = {name: one for name, one in fields.items() if one.kind == "money" and one.currency is None}
    return {**fields, **{name: one.model_copy(update={"currency": currency}) for name, one in silent.items()}}


def fixed_currency(fields: Mapping[str, EventField]) -> str | None:
    """The currency that the amount is always in; None where a field says it, or nothing."""
    said = next((field.currency for field in fields.values() if field.role == "amount"), None)
    return said if said in DIGITS else None


def mixed_money(fields: Mapping[str, EventField]) -> frozenset[str]:
    """The money fields whose currency another field says."""
    return frozenset(name for name, field in fields.items() if field.currency not in (None, *DIGITS))


def currency_of(field: EventField, values: Mapping[str, object]) -> str | None:
    """The code of the currency that the money in a field is in; None where none is said that we know."""
    if field.currency is None:
        return None
    said = field.currency if field.currency in DIGITS else values.get(field.currency)
    code = said.upper() if isinstance(said, str) else ""  # some senders write `eur`
    return code if code in DIGITS else None


def amount_in_major(amount: Decimal, field: EventField, values: Mapping[str, object]) -> Decimal | None:
    """A payment's amount, which its `field` holds, in major units; None where its currency is none that we know."""
    if field.unit != "minor" or field.currency is None:
        return amount
    code = currency_of(field, values)
    return None if code is None else in_major(amount, code)
