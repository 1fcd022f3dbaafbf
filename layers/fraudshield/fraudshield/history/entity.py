"""What is known of an account, a device or another thing that payments name: counts, counterparties, who shares it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from fraudshield.erasure.erasure import read_account
from fraudshield.erasure.thing import Thing, read_thing
from fraudshield.event_type.entity import ACCOUNT
from fraudshield.event_type.port import EventTypes

UNDECIDED, UNLABELLED = "undecided", "unlabelled"


@dataclass(frozen=True, slots=True)
class EntityPayment:
    """A payment that names the thing, as an index lists it."""

    transaction_id: str
    occurred_at: datetime
    amount: Decimal | None
    outcome: str | None
    label: str | None
    sender: str | None
    receiver: str | None

    @property
    def may_wait(self) -> bool:
        """Whether it may still be in the review queue, as far as the index knows."""
        return self.outcome not in {None, "approve"} and self.label is None

    def accounts(self) -> Iterator[str]:
        """Sender and receiver, where it has them; one that is both once."""
        yield from dict.fromkeys(name for name in (self.sender, self.receiver) if name is not None)


@dataclass(frozen=True, slots=True)
class Share:
    """Another thing that payments with this one name, and the accounts that send payments with it, as far as read."""

    entity: str
    value: str
    payments: int
    amount: Decimal
    accounts: frozenset[str]
    capped: bool


@dataclass(frozen=True, slots=True)
class EntityHistory:
    """What was read: the newest payments (`capped` where there are more), which of them wait, and what they share.

    `looked_into` is how many of the newest payments were looked into for other things that they name.
    """

    payments: Sequence[EntityPayment] = ()
    first_seen: datetime | None = None
    capped: bool = False
    waiting: Sequence[str] = ()
    waiting_capped: bool = False
    shares: Sequence[Share] = ()
    looked_into: int = 0

    @property
    def last_seen(self) -> datetime | None:
        """When the newest of them happened."""
        return self.payments[0].occurred_at if self.payments else None


class EntityHistories(Protocol):
    """The payments of a thing, and what else they name."""

    def of(self, thing: Thing, *, sharing: bool) -> EntityHistory:
        """Reads it; with `sharing` also who else has the other things. Raises StoreUnavailable."""


@dataclass(slots=True)
class EntitySum:
    """How many payments, and how much money."""

    payments: int = 0
    amount: Decimal = field(default_factory=Decimal)

    def add(self, one: EntityPayment) -> None:
        """Counts a payment; one without an amount counts with none."""
        self.payments += 1
        self.amount += one.amount or Decimal()


def read_entity(entity: str, value: str, types: EventTypes) -> Thing:
    """Reads what a path names. An account is in no slot: it has indexes of its own.

    Raises NotFound: no type lists payments by such an entity; InvalidInput: nothing can have this value.
    """
    return account_of(value) if entity == ACCOUNT else read_thing(entity, value, types.slots(entity))


def account_of(value: str) -> Thing:
    """The account of this name. Raises InvalidInput: nothing can be called so."""
    return Thing(ACCOUNT, read_account(value), ())


def summed_over(
    payments: Iterable[EntityPayment], keys: Callable[[EntityPayment], Iterable[str]]
) -> Mapping[str, EntitySum]:
    """Payments and money by key; a payment counts under each of its keys."""
    found: defaultdict[str, EntitySum] = defaultdict(EntitySum)
    for one in payments:
        for key in keys(one):
            found[key].add(one)
    return found


def counterparties(thing: Thing, payments: Iterable[EntityPayment]) -> Mapping[str, EntitySum]:
    """The accounts at the other end of an account's payments; of another thing both of each payment."""
    own = thing.value if thing.entity == ACCOUNT else None
    return summed_over(payments, lambda one: (name for name in one.accounts() if name != own))
