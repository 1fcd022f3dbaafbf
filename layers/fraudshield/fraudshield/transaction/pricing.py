"""Payments at the rates that were in force when they happened, and their money as sums and rules go by it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from fraudshield.event_type.currency import in_major, in_minor
from fraudshield.expression.reading import NO_RATE, Unread
from fraudshield.rate.rate import Rates
from fraudshield.transaction.extended import ExtendedTransaction
from fraudshield.transaction.money import ForeignField, Money
from fraudshield.transaction.own import OwnTransaction
from fraudshield.transaction.transaction import Transaction


def priced(transaction: Transaction, at: datetime, rates: Callable[[], Rates]) -> Transaction:
    """The payment with what its money was in the reporting currency at a time; `rates` are asked only if needed."""
    if not isinstance(transaction, OwnTransaction | ExtendedTransaction):
        return transaction
    own = transaction.own
    if own.money is None or not own.money.needs_rates:
        return transaction
    sent = {**transaction.values, **own.fields}
    found = replace(own, money=_priced(own.money, sent, at, rates()))
    if isinstance(transaction, ExtendedTransaction):
        return transaction.model_copy(update={"content": found})
    return replace(transaction, own=found)


def needs_rates(transaction: Transaction) -> bool:
    """Whether a rate is to be asked for something of the payment."""
    own = transaction.own
    return own is not None and own.money is not None and own.money.needs_rates


def reported_amount(transaction: Transaction) -> Decimal | None:
    """The amount that sums and ranking go by; None where it is not known."""
    own = transaction.own
    return transaction.amount if own is None or own.money is None else own.money.reported


def as_rules_read(transaction: Transaction) -> Mapping[str, object]:
    """A payment's fields by name, money in the reporting currency; what has no rate stands for that it has none."""
    own = transaction.own
    if own is None or own.money is None:
        return transaction.values
    money = own.money
    foreign = {one.name: _in_its_unit(one, _reading(one, money), money.reporting) for one in money.foreign}
    found = {"amount": money.reported, **foreign}
    return {**transaction.values, **{name: Unread(NO_RATE) if one is None else one for name, one in found.items()}}


def _priced(money: Money, values: Mapping[str, Any], at: datetime, rates: Rates) -> Money:
    found = {one.name: _converted(one, values[one.name], money.reporting, at, rates) for one in money.foreign}
    of_amount = found.pop(money.amount_field, None)
    reported = money.reported if money.told or money.currency == money.reporting else of_amount
    return replace(money, reported=reported, readings=found, rates_version=rates.version)


def _converted(one: ForeignField, sent: Decimal, to: str, at: datetime, rates: Rates) -> Decimal | None:
    if one.currency is None:
        return None
    return rates.converted(in_major(sent, one.currency) if one.minor else sent, one.currency, to, at)


def _reading(one: ForeignField, money: Money) -> Decimal | None:
    return money.reported if one.name == money.amount_field else money.readings.get(one.name)


def _in_its_unit(one: ForeignField, major: Decimal | None, reporting: str) -> Decimal | None:
    return major if major is None or not one.minor else in_minor(major, reporting)
