"""The responses about an account or another thing that payments name."""

from collections.abc import Mapping, Sequence
from typing import get_args
from urllib.parse import quote

from typing_extensions import TypedDict

from fraudshield.erasure.thing import Thing
from fraudshield.event_type.entity import ACCOUNT
from fraudshield.history.entity import (
    UNDECIDED,
    UNLABELLED,
    EntityHistory,
    EntitySum,
    Share,
    counterparties,
    summed_over,
)
from fraudshield.label.label import Truth
from fraudshield.policy.policy import Outcome
from fraudshield.text.json_text import Number
from fraudshield.text.schema import Moment
from fraudshield.text.timestamp import timestamp
from fraudshield.value_list.service import HeldBy

SHOWN = 20  # of each list


class EntitySumObject(TypedDict):
    """How many payments, and how much money."""

    payments: int
    amount: Number


class CounterpartyObject(EntitySumObject):
    """An account at the other end."""

    account: str


class Counterparties(TypedDict):
    """The first twenty by number and by money, of all that were seen."""

    distinct: int
    by_number: list[CounterpartyObject]
    by_amount: list[CounterpartyObject]


class ShareObject(EntitySumObject):
    """Another thing that the newest payments name. `other_accounts` send payments with it too; `capped`: at least."""

    entity: str
    value: str
    other_accounts: int
    accounts: list[str]
    capped: bool


class OpenReviews(TypedDict):
    """Payments that wait for a verdict, newest first, the first twenty; `capped`: there may be more."""

    count: int
    capped: bool
    transaction_ids: list[str]


class HoldingList(TypedDict):
    """A list that it is on, since when and until when, and why."""

    name: str
    kind: str
    note: str
    added_at: Moment
    expires_at: Moment | None


class EntityLinks(TypedDict):
    """Where more is to be read, relative to this answer's own address."""

    self: str
    links: str
    transactions: str


class EntityResponse(TypedDict):
    """What is known of an account or another thing, from its newest payments; `capped`: there are older ones.

    `first_seen` and `last_seen` are of all. Sums are in the reporting currency where the event type names one, else as
    payments were sent. `sent` and `received` are an account's. Other things and who shares them are of the newest
    `looked_into`.
    """

    entity: str
    value: str
    first_seen: Moment | None
    last_seen: Moment | None
    payments: int
    amount: Number
    capped: bool
    by_outcome: dict[str, EntitySumObject]
    by_label: dict[str, EntitySumObject]
    sent: EntitySumObject | None
    received: EntitySumObject | None
    open_reviews: OpenReviews
    lists: list[HoldingList]
    counterparties: Counterparties
    shares: list[ShareObject]
    looked_into: int
    links: EntityLinks


class LinkObject(EntitySumObject):
    """What a payment names beside the thing that was asked for."""

    entity: str
    value: str


class LinksResponse(TypedDict):
    """All that is one step away: accounts by the newest payments, other things by the newest `looked_into` of them."""

    entity: str
    value: str
    links: list[LinkObject]
    count: int
    capped: bool
    looked_into: int


def entity_response(
    thing: Thing, found: EntityHistory, lists: Sequence[HeldBy], root: str = "../../"
) -> EntityResponse:
    """What is known of it, as the API shows it; `root` leads from the answer's own address to that of the service."""
    total = summed_over(found.payments, lambda _: [""]).get("", EntitySum())
    sides = summed_over(
        found.payments, lambda one: [side for side in ("sender", "receiver") if getattr(one, side) == thing.value]
    )
    is_account = thing.entity == ACCOUNT
    return {
        "entity": thing.entity,
        "value": thing.value,
        "first_seen": timestamp(found.first_seen) if found.first_seen else None,
        "last_seen": timestamp(found.last_seen) if found.last_seen else None,
        **_sum(total),
        "capped": found.capped,
        "by_outcome": _all(
            summed_over(found.payments, lambda one: [one.outcome or UNDECIDED]),
            *(one.value for one in Outcome),
            UNDECIDED,
        ),
        "by_label": _all(
            summed_over(found.payments, lambda one: [one.label or UNLABELLED]), *get_args(Truth), UNLABELLED
        ),
        "sent": _sum(sides.get("sender", EntitySum())) if is_account else None,
        "received": _sum(sides.get("receiver", EntitySum())) if is_account else None,
        "open_reviews": {
            "count": len(found.waiting),
            "capped": found.waiting_capped,
            "transaction_ids": list(found.waiting[:SHOWN]),
        },
        "lists": [_holding(one) for one in lists],
        "counterparties": _counterparties(counterparties(thing, found.payments)),
        "shares": [_share(one) for one in found.shares[:SHOWN]],
        "looked_into": found.looked_into,
        "links": _links(thing, root),
    }


def links_response(thing: Thing, found: EntityHistory) -> LinksResponse:
    """What is one step away, those of most payments first."""
    accounts = counterparties(thing, found.payments)
    links: list[LinkObject] = [{"entity": ACCOUNT, "value": name, **_sum(tally)} for name, tally in accounts.items()]
    links += [
        {"entity": one.entity, "value": one.value, "payments": one.payments, "amount": one.amount}
        for one in found.shares
    ]
    links.sort(key=lambda one: (-one["payments"], -one["amount"], one["entity"], one["value"]))
    return {
        "entity": thing.entity,
        "value": thing.value,
        "links": links,
        "count": len(links),
        "capped": found.capped or len(found.payments) > found.looked_into,
        "looked_into": found.looked_into,
    }


def _sum(one: EntitySum) -> EntitySumObject:
    return {"payments": one.payments, "amount": one.amount}


def _all(found: Mapping[str, EntitySum], *names: str) -> dict[str, EntitySumObject]:
    return {name: _sum(found.get(name, EntitySum())) for name in names}


def _counterparties(found: Mapping[str, EntitySum]) -> Counterparties:
    by_number = sorted(found, key=lambda name: (-found[name].payments, -found[name].amount, name))
    by_amount = sorted(found, key=lambda name: (-found[name].amount, -found[name].payments, name))
    return {
        "distinct": len(found),
        "by_number": [{"account": name, **_sum(found[name])} for name in by_number[:SHOWN]],
        "by_amount": [{"account": name, **_sum(found[name])} for name in by_amount[:SHOWN]],
    }


def _share(one: Share) -> ShareObject:
    return {
        "entity": one.entity,
        "value": one.value,
        "payments": one.payments,
        "amount": one.amount,
        "other_accounts": len(one.accounts),
        "accounts": sorted(one.accounts)[:SHOWN],
        "capped": one.capped,
    }


def _holding(one: HeldBy) -> HoldingList:
    return {
        "name": one.value_list.name,
        "kind": one.value_list.kind,
        "note": one.entry.note,
        "added_at": timestamp(one.entry.added_at),
        "expires_at": timestamp(one.entry.expires_at) if one.entry.expires_at else None,
    }


def _links(thing: Thing, root: str) -> EntityLinks:
    value = quote(thing.value, safe="")
    path = f"{root}entities/{thing.entity}/{value}"
    listed = quote(f"{thing.entity}:{value}", safe="")
    return {"self": path, "links": f"{path}/links", "transactions": f"{root}transactions?entity={listed}"}
