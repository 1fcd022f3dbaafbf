"""A transaction as it arrives, before anything is known about it."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import blake2b
from typing import Annotated, Literal
from uuid import uuid4

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from fraudshield.text.number import WHOLE, exact
from fraudshield.text.pattern import NO_CONTROLS

TransactionType = Literal["PAYMENT", "TRANSFER", "CASH_OUT", "CASH_IN", "DEBIT"]
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def instant(value: object) -> datetime:
    """An RFC 3339 text as the moment it names, in UTC. Raises PydanticCustomError."""
    if not isinstance(value, str) or not RFC_3339.fullmatch(value):
        raise PydanticCustomError("rfc3339", "Input should be an RFC 3339 time with an offset, as 2026-11-24T10:00:00Z")
    try:
        return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError) as exc:
        raise PydanticCustomError("rfc3339", "Input should be a time that exists") from exc


def _new_id() -> str:
    return f"t-{uuid4().hex}"


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
Name = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=64, pattern=NO_CONTROLS)]
TransactionId = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=128, pattern=NO_CONTROLS)]
SCHEME = "2:"  # of content hashes
FIRST_FIELDS = {
    *("transaction_id", "step", "type", "amount", "nameOrig", "oldbalanceOrg", "newbalanceOrig"),
    *("nameDest", "oldbalanceDest", "newbalanceDest", "occurred_at"),
}
Instant = Annotated[datetime, BeforeValidator(instant), Field(ge=datetime(1970, 1, 1, tzinfo=UTC))]


class Transaction(BaseModel):
    """One movement of money, with the balances as they were read before and after it.

    Amounts and balances are exact decimals in the account's own currency; a balance may be negative
    (an overdraft), an amount may not. `step` is kept as sent and is not a clock: `occurred_at` is.
    Without a `transaction_id` one is made, so that a repeat is not recognised.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    transaction_id: Annotated[TransactionId, Field(default_factory=_new_id)]
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


def digest_of(text: str) -> str:
    """32 hex digits of a text."""
    return blake2b(text.encode(), digest_size=16).hexdigest()
