"""A payment's money in the currency that its type reports in: what sums, ranking and rules go by.

Amounts stay as they were sent. Beside them stands what they are in the reporting currency, by the rate that was in
force when the payment happened, or as the sender said it. Where no rate was in force that is not known, and nothing
that goes by it is evaluated.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator

from fraudshield.event_type.currency import currency_of, in_major
from fraudshield.event_type.event_type import EventType
from fraudshield.event_type.field import EventField
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

    def __init__(self, event_type: EventType, reporting: str) -> None:
        fields = event_type.all_fields
        roles = event_type.by_role()
        self._reporting = reporting
        self._amount_field = roles["amount"]
        self._told_field = roles.get("reported_amount", "")
        self._money = {name: one for name, one in fields.items() if one.kind == "money" and one.currency is not None}

    def of(self, values: Mapping[str, Any], amount: Decimal | None) -> Money:
        """What `values` say, by the fields' own names; `amount` is the amount as it was sent, in major units."""
        currency = currency_of(self._money[self._amount_field], values)
        told = values.get(self._told_field)
        if currency == self._reporting:
            told = None  # the amount itself says it
        elif told is not None:
            told = _major(told, self._money.get(self._told_field), self._reporting)
        return Money(
            reporting=self._reporting,
            currency=currency,
            sent=amount,
            reported=amount if currency == self._reporting else told,
            told=told is not None,
            amount_field=self._amount_field,
            foreign=tuple(self._foreign(values)),
        )

    def _foreign(self, values: Mapping[str, Any]) -> Iterator[ForeignField]:
        for name, one in self._money.items():
            if values.get(name) is not None and (code := currency_of(one, values)) != self._reporting:
                yield ForeignField(name, code, one.unit == "minor")


def _major(told: Decimal, field_of: EventField | None, reporting: str) -> Decimal:
    return in_major(told, reporting) if field_of is not None and field_of.unit == "minor" else told
