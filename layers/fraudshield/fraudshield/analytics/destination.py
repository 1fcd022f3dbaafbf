"""Where flagged money was to go: of each day and source the dearest destinations, in an item that cannot grow.

The list holds `KEPT`. A destination that comes when it is full takes the place of the smallest, and its amount:
so a day's amount may be too large by `over`, never too small, and what is missing has at most the smallest amount there
(Metwally et al., Efficient Computation of Frequent and Top-k Elements in Data Streams, 2005). Names are not kept: a
keyed mark stands for each, and the id of its last payment leads to the name as long as that may be known.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from typing_extensions import TypedDict

from fraudshield.analytics.counted_transaction import TransactionChange
from fraudshield.analytics.series import EXACT
from fraudshield.text.json_text import Number

DESTINATIONS = "destinations"  # the series
KEPT = 25  # of a day and source: some 2 KB
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Flagged:
    """A payment that was decided to be reviewed or blocked. `bucket` is of the day's list."""

    bucket: str
    destination: str
    amount: Decimal
    transaction_id: str


@dataclass(frozen=True, slots=True)
class Destination:
    """What was flagged on the way to one: the amount is between `amount - over` and `amount`."""

    amount: Decimal
    transactions: int
    over: Decimal
    transaction_id: str


Destinations = Mapping[str, Destination]  # by mark


class TopDestination(TypedDict):
    """`destination` stands for the account, the same for ever; look up `transaction_id` to see its name.

    `amount_flagged` is certain, and no less than `amount_at_most` while no day has more than 25 destinations.
    """

    destination: str
    amount_flagged: Number
    amount_at_most: Number
    transactions: int
    transaction_id: str


def flagged(change: TransactionChange) -> Flagged | None:
    """Of a change that brings a decision to review or block; None of any other.

    The flagged rows of a batch job are stored one by one, so they are listed here.
    """
    before, one = change.before, change.after
    if one is None or one.destination is None or one.decision is None or not one.decision.flagged:
        return None
    if before is not None and before.decision is not None:
        return None
    return Flagged(f"{one.day}#{one.source}", one.destination, one.money, one.transaction_id)


def with_flagged(known: Destinations, found: Iterable[tuple[str, Flagged]]) -> Destinations:
    """The list with these payments, by mark, added to it."""
    kept = dict(known)
    for mark, one in found:
        before = kept.get(mark) or _beginning(kept)
        kept[mark] = Destination(
            EXACT.add(before.amount, one.amount), before.transactions + 1, before.over, one.transaction_id
        )
    return kept


def top(days: Iterable[Destinations]) -> list[TopDestination]:
    """The dearest of several days' lists, dearest first."""
    parts: dict[str, list[Destination]] = defaultdict(list)
    missed: dict[str, Decimal] = defaultdict(Decimal)  # of the days that it is listed for, what others could have there
    unlisted = Decimal()
    for day in days:
        smallest = min((one.amount for one in day.values()), default=Decimal()) if len(day) >= KEPT else Decimal()
        unlisted += smallest
        for mark, one in day.items():
            parts[mark].append(one)
            missed[mark] += smallest
    found = [_top(mark, some, unlisted - missed[mark]) for mark, some in parts.items()]
    return sorted(found, key=lambda one: (-one["amount_flagged"], one["destination"]))[:SHOWN]


def _top(mark: str, some: list[Destination], unlisted: Decimal) -> TopDestination:
    amount, over = sum((one.amount for one in some), Decimal()), sum((one.over for one in some), Decimal())
    return {
        "destination": mark,
        "amount_flagged": amount - over,
        "amount_at_most": amount + unlisted,
        "transactions": sum(one.transactions for one in some),
        "transaction_id": some[-1].transaction_id,
    }


def _beginning(kept: dict[str, Destination]) -> Destination:
    """What a new one begins with; where the list is full the smallest leaves it."""
    nothing = Destination(Decimal(), 0, Decimal(), "")
    if len(kept) < KEPT:
        return nothing
    smallest = min(kept, key=lambda mark: (kept[mark].amount, mark))
    gone = kept.pop(smallest)
    return Destination(gone.amount, 0, gone.amount, "")
