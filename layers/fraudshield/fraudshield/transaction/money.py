"""A payment's money in the currency that its type reports in: what sums, ranking and rules go by.

Amounts stay as they were sent. Beside them stands what they are in the reporting currency, by the rate that was in
force when the payment happened, or as the sender said it. Where no rate was in force that is not known, and nothing
that goes by it is evaluated.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator

from fraudshield.event_type.currency import amount_in_major, currency_of, in_major
from fraudshield.event_type.event_type import EventType
from fraudshield.text.number import exact

OneSpelling = Annotated[Decimal, BeforeValidator(exact)]  # where it is read from a message


@dataclass(frozen=True, slots=True)
class ForeignField:
    """A money field in another currency than the reporting one; None where that is none that we know."""

    name: str
    currency: str | None
    minor: bool = False


@dataclass(frozen=True, slots=True)
class Money:
    """What is known of a payment's money, as it was read; `priced` adds what rates say of it.

    `sent` is the amount in major units and `currency` that of it, None where it is none that we know. `reported` is the
    amount in the reporting currency, None where it is not known; `told` says that it was sent so, in a field of its
    own. `amount_field` is what the type calls the amount. `readings` are the other foreign fields in the reporting
    currency, in major units.
    """

    reporting: str
    currency: str | None
    sent: OneSpelling | None = None
    reported: OneSpelling | None = None
    told: bool = False
    amount_field: str = ""
    foreign: tuple[ForeignField, ...] = ()
    rates_version: int = 0
    readings: Mapping[str, Decimal | None] = field(default_factory=dict)

    @property
    def amount(self) -> "SentAmount":
        """The amount, and what stands beside it."""
        return SentAmount(self.sent, self.currency, self.reported, self.reporting)

    @property
    def needs_rates(self) -> bool:
        """Whether a rate is to be asked for something."""
        return any(not (self.told and one.name == self.amount_field) for one in self.foreign)

    @property
    def lacks_rate(self) -> bool:
        """Whether something of it is not known in the reporting currency."""
        return self.reported is None or None in self.readings.values()


@dataclass(frozen=True, slots=True)
class SentAmount:
    """The amount as it was sent, in major units, with its currency, and what it is in the reporting one.

    What is not known is None.
    """

    amount: Decimal | None
    currency: str | None
    reported: Decimal | None
    reporting: str

    @property
    def shown(self) -> Mapping[str, object]:
        """What stands beside the amount in lists and answers."""
        return {
            "amount_currency": self.currency,
            "reported_amount": self.reported,
            "reporting_currency": self.reporting,
        }


class MoneyReader:
    """Reads what one version of a type says of its payments' money."""

    def __init__(self, event_type: EventType) -> None:
        fields, roles = event_type.all_fields, event_type.by_role()
        self._reporting = event_type.reporting
        self._amount_field = roles.get("amount", "")
        self._told_field = roles.get("reported_amount", "")
        self._money = {name: one for name, one in fields.items() if one.kind == "money"}

    def of(self, values: Mapping[str, Any]) -> tuple[Decimal | None, Money | None]:
        """The amount as it was sent, in major units, and what is known of it where the type reports in a currency.

        `values` are by the fields' own names.
        """
        amount = values.get(self._amount_field)
        if amount is not None:
            amount = amount_in_major(amount, self._money[self._amount_field], values)
        return amount, None if self._reporting is None else self._read(values, amount, self._reporting)

    def beside(self, built_in: Mapping[str, Any], values: Mapping[str, Any]) -> Money | None:
        """What is known of the money of a payment whose type extends the built-in one; its amount is always known."""
        if self._reporting is None:
            return None
        money = self.of({**built_in, **values})[1]
        return money if money is None or money.sent is not None else replace(money, sent=built_in["amount"])

    def _read(self, values: Mapping[str, Any], amount: Decimal | None, reporting: str) -> Money:
        currency = currency_of(self._money[self._amount_field], values)
        told = values.get(self._told_field)
        if currency == reporting or told is None:
            told = None  # the amount itself says it
        elif self._money[self._told_field].unit == "minor":
            told = in_major(told, reporting)
        return Money(
            reporting=reporting,
            currency=currency,
            sent=amount,
            reported=amount if currency == reporting else told,
            told=told is not None,
            amount_field=self._amount_field,
            foreign=tuple(self._foreign(values)),
        )

    def _foreign(self, values: Mapping[str, Any]) -> Iterator[ForeignField]:
        for name, one in self._money.items():
            if one.currency is None or values.get(name) is None:
                continue
            if (code := currency_of(one, values)) != self._reporting:
                yield ForeignField(name, code, one.unit == "minor")
