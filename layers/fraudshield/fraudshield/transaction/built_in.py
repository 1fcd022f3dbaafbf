"""A transaction of the built-in type `payment`: PaySim's ten fields, an id and a time."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

from fraudshield.text.number import WHOLE, exact
from fraudshield.transaction.content_hash import SCHEME, digest_of
from fraudshield.transaction.own import OwnContent
from fraudshield.transaction.transaction import Instant, Name, TransactionId, new_id

TransactionType = Literal["PAYMENT", "TRANSFER", "CASH_OUT", "CASH_IN", "DEBIT"]
FIRST_FIELDS = {
    *("transaction_id", "step", "type", "amount", "nameOrig", "oldbalanceOrg", "newbalanceOrig"),
    *("nameDest", "oldbalanceDest", "newbalanceDest", "occurred_at"),
}


def _plain(money: Decimal) -> str:
    return format(money, "f")


Money = Annotated[
    Decimal,
    BeforeValidator(exact),
    Field(gt=-(10**15), lt=10**15),
    PlainSerializer(_plain, return_type=str),
    WithJsonSchema({"type": "number", "exclusiveMinimum": -(10**15), "exclusiveMaximum": 10**15}),
]
Amount = Annotated[
    Decimal,
    BeforeValidator(exact),
    Field(ge=0, lt=10**15),
    PlainSerializer(_plain, return_type=str),
    WithJsonSchema({"type": "number", "minimum": 0, "exclusiveMaximum": 10**15}),
]


class BuiltInTransaction(BaseModel):
    """One movement of money, with the balances as they were read before and after it.

    Amounts and balances are exact decimals in the account's own currency; a balance may be negative
    (an overdraft), an amount may not. `step` is kept as sent and is not a clock: `occurred_at` is.
    Without a `transaction_id` one is made, so that a repeat is not recognised.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    transaction_id: Annotated[TransactionId, Field(default_factory=new_id)]
    step: Annotated[int, Field(strict=True, ge=0, le=10**9), WHOLE]
    type: TransactionType
    amount: Amount
    nameOrig: Name
    oldbalanceOrg: Money
    newbalanceOrig: Money
    nameDest: Name
    oldbalanceDest: Money
    newbalanceDest: Money
    occurred_at: Instant | None = None

    def content_hash(self) -> str:
        """Its scheme and 32 hex digits over all that was sent, however the numbers and times were spelled.

        A field that was left out or is null is not part of it, so that a new optional one changes no hash of a
        payment without it. Fields come in the order above: what is stored depends on that, so new ones go to the end.
        """
        return SCHEME + digest_of(self.model_dump_json(exclude_none=True))

    def has_content(self, content_hash: str) -> bool:
        """Whether a payment with this hash, of whichever scheme, is the same one."""
        if content_hash.startswith(SCHEME):
            return content_hash == self.content_hash()
        return self.model_dump(exclude=FIRST_FIELDS, exclude_none=True) == {} and content_hash == self._first_hash()

    def _first_hash(self) -> str:
        """As hashes were that name no scheme: over all fields of that time, null where one was left out."""
        return digest_of(self.model_dump_json(include=FIRST_FIELDS))

    @property
    def sender(self) -> str:
        """The account that the money leaves."""
        return self.nameOrig

    @property
    def receiver(self) -> str:
        """The account that it goes to."""
        return self.nameDest

    @property
    def own(self) -> OwnContent | None:
        """Nothing."""
        return None

    @property
    def values(self) -> Mapping[str, object]:
        """Its fields by name."""
        return self.__dict__

    def sent_to(self, receiver: str) -> Self:
        """The same with another receiver."""
        return self.model_copy(update={"nameDest": receiver})
