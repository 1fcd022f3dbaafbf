"""Velocity: how much went out of the sender's account, and into the recipient's, over the time before a transaction.

A name is `<side>_<measure>_<window>`, as `origin_count_1h`. A window is open at its start and closed at the
transaction's own time; the transaction itself is not counted.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal, get_args

Side = Literal["origin", "destination"]
VelocityName = Literal[
    "origin_count_1h",
    "origin_count_24h",
    "origin_count_7d",
    "origin_amount_1h",
    "origin_amount_24h",
    "origin_amount_7d",
    "destination_count_1h",
    "destination_count_24h",
    "destination_count_7d",
    "destination_amount_1h",
    "destination_amount_24h",
    "destination_amount_7d",
    "destination_senders_1h",
    "destination_senders_24h",
    "destination_senders_7d",
    "destination_age_h",
]
VELOCITY_NAMES: frozenset[str] = frozenset(get_args(VelocityName))
WINDOWS: Mapping[str, timedelta] = {
    "1h": timedelta(hours=1),
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
    "h": timedelta(days=7),  # an age counts from the first movement seen in that time
}
ROWS = 1000  # of one account are looked at, the newest: beyond that a count says "at least"
HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class Movement:
    """An earlier transaction of an account; `counterparty` is the account at its other end, if it had one."""

    occurred_at: datetime
    amount: Decimal
    counterparty: str | None


Movements = Mapping[Side, Sequence[Movement]]


def reach(names: Collection[str]) -> Mapping[Side, timedelta]:
    """How far back each side must be read to know these values; a side that none of them needs is left out."""
    widest: dict[Side, timedelta] = {}
    for name in names:
        side, _, window = _parts(name)
        widest[side] = max(widest.get(side, timedelta()), window)
    return widest


def velocity(names: Collection[str], at: datetime, history: Movements) -> dict[str, Decimal]:
    """The values of these names as of `at`, in the order of the alphabet; none of a side without an account."""
    values = {}
    for name in sorted(names):
        side, measure, window = _parts(name)
        if side not in history:
            continue  # the payment has no account on that side
        within = [one for one in history[side] if timedelta() <= at - one.occurred_at < window]
        values[name] = MEASURES[measure](within, at)
    return values


def _parts(name: str) -> tuple[Side, str, timedelta]:
    side, measure, window = name.split("_")
    return "origin" if side == "origin" else "destination", measure, WINDOWS[window]


def _age(movements: Sequence[Movement], at: datetime) -> Decimal:
    """Hours since the first, 0 where there is none: to the receiving bank an account without movements is new."""
    first = min((one.occurred_at for one in movements), default=at)
    return (Decimal(int((at - first).total_seconds())) / HOUR_S).quantize(Decimal("0.01"))


MEASURES: Mapping[str, Callable[[Sequence[Movement], datetime], Decimal]] = {
    "count": lambda movements, _: Decimal(len(movements)),
    "amount": lambda movements, _: sum((one.amount for one in movements), Decimal()),
    "senders": lambda movements, _: Decimal(len({one.counterparty for one in movements})),
    "age": _age,
}
