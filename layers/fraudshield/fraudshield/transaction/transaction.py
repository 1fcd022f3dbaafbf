"""A transaction as it arrives, before anything is known about it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Protocol, Self
from uuid import uuid4

from pydantic import BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from fraudshield.event_type.field import MOST_TEXT
from fraudshield.text.pattern import ID, NO_CONTROLS
from fraudshield.text.timestamp import RFC_3339
from fraudshield.transaction.own import OwnContent


def instant(value: object) -> datetime:
    """An RFC 3339 text as the moment it names, in UTC. Raises PydanticCustomError."""
    if not isinstance(value, str) or not RFC_3339.fullmatch(value):
        raise PydanticCustomError("rfc3339", "Input should be an RFC 3339 time with an offset, as 2026-11-24T10:00:00Z")
    try:
        return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError) as exc:
        raise PydanticCustomError("rfc3339", "Input should be a time that exists") from exc


def new_id() -> str:
    """The id of a transaction that came without one."""
    return f"t-{uuid4().hex}"


MOST_ID = 128  # characters
Name = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=64, pattern=NO_CONTROLS)]
Account = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=MOST_TEXT, pattern=NO_CONTROLS)]
TransactionId = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=MOST_ID, pattern=ID)]
# That of a transaction which is there: releases of before took what no address can end with.
StoredTransactionId = Annotated[
    str, StringConstraints(strict=True, min_length=1, max_length=MOST_ID, pattern=NO_CONTROLS)
]
Instant = Annotated[datetime, BeforeValidator(instant), Field(ge=datetime(1970, 1, 1, tzinfo=UTC))]


class Transaction(Protocol):
    """What arrives, of whichever event type: what every type has through its roles, and its fields by name.

    `amount` is in major units; a role that its type gives to no field, or whose field was left out, is None.
    `occurred_at` is None where it was not sent: then it happened when we received it.
    """

    @property
    def transaction_id(self) -> str:
        """Who sends the same one again sends the same id."""

    @property
    def occurred_at(self) -> datetime | None:
        """When it happened, in UTC."""

    @property
    def amount(self) -> Decimal | None:
        """How much, exactly."""

    @property
    def sender(self) -> str | None:
        """The account that the money leaves."""

    @property
    def receiver(self) -> str | None:
        """The account that it goes to."""

    @property
    def own(self) -> OwnContent | None:
        """What its event type has of its own, and which version it was read by; None of the built-in type."""

    @property
    def values(self) -> Mapping[str, object]:
        """All its fields by name, numbers exact; what was not sent is None or missing."""

    def content_hash(self) -> str:
        """Its scheme and 32 hex digits over all that was sent, however the numbers and times were spelled."""

    def has_content(self, content_hash: str) -> bool:
        """Whether a transaction with this hash, of whichever scheme, is the same one."""

    def sent_to(self, receiver: str) -> Self:
        """The same with another receiver."""
