"""What thieves do: each theft alone or in a campaign, in one of four ways, and when its victim says so."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from model.customer import Customers
from model.fact import LAST_STEP, hour_weights, pick
from model.honest import parts
from model.ledger import CASH_OUT, TRANSFER
from model.plan import MINUTES, NEVER, Intent, joined, later
from model.quantile import Integers, Quantiles
from model.world import WEEK, World, chance

TAKEOVER, SCAM, STOLEN_PHONE, CHAIN = range(4)
DAYS = 31
Fresh = tuple[Integers, int]


@dataclass(frozen=True, slots=True)
class Thefts:
    """By theft: its kind, when it begins, the mule who gets the money, and the step at which it is reported."""

    kind: Integers
    incident: Integers
    minute: Integers
    victim: Integers
    mule: Integers
    reported: Integers
    opened: int

    def __len__(self) -> int:
        return len(self.kind)


def stolen(
    rng: Generator, number: int, customers: Customers, first_new: int, first_row: int, world: World
) -> tuple[Intent, int]:
    """The rows of so many thefts, and how many accounts are opened for them, numbered from `first_new` on.

    `first_row` is the number of the first row among all.
    """
    thefts = _begun(rng, number, customers, first_new, world)
    second, opened = _mules(rng, number, customers, first_new + thefts.opened, world)
    everything = np.arange(number)
    sent = everything[thefts.kind != STOLEN_PHONE]
    phones = everything[thefts.kind == STOLEN_PHONE]
    taken = np.repeat(phones, rng.integers(1, 4, len(phones)))
    scammed = thefts.kind == SCAM
    share = np.where(chance(rng, world.partial_frauds, number), rng.integers(300, 971, number), 1000)
    share = np.where(scammed, rng.integers(150, 901, number), share)
    hours = np.where(scammed, 6 * world.cash_out_hours, world.cash_out_hours)
    minute, holder = thefts.minute[sent], thefts.mule[sent]
    transfers = Intent.of(minute, TRANSFER, thefts.victim[sent], holder, permille=share[sent], **_of(thefts, sent))
    source = first_row + np.arange(len(sent))
    chained = np.flatnonzero(thefts.kind[sent] == CHAIN)
    minute = minute.copy()
    minute[chained] = later(rng, minute[chained], world.cash_out_hours)
    links = Intent.of(
        minute[chained],
        TRANSFER,
        holder[chained],
        second[sent][chained],
        permille=rng.integers(950, 1001, len(chained)),
        source=source[chained],
        **_of(thefts, sent[chained]),
    )
    holder, source = holder.copy(), source.copy()
    holder[chained] = second[sent][chained]
    source[chained] = first_row + len(sent) + np.arange(len(chained))
    share = parts(rng, len(sent), world)
    cashed = Intent.of(
        later(rng, minute, hours[sent]),
        CASH_OUT,
        holder,
        customers.counters(rng, len(sent)),
        permille=share,
        source=source,
        drains=(share == 1000) & (holder >= first_new),  # an account that was opened for it is emptied
        **_of(thefts, sent),
    )
    cash = Intent.of(
        later(rng, thefts.minute[taken], world.cash_out_hours),
        CASH_OUT,
        thefts.victim[taken],
        customers.counters(rng, len(taken)),
        permille=np.where(chance(rng, world.partial_frauds, len(taken)), 1000, rng.integers(200, 951, len(taken))),
        **_of(thefts, taken),
    )
    return joined(transfers, links, cashed, cash), thefts.opened + opened


def _begun(rng: Generator, number: int, customers: Customers, first_new: int, world: World) -> Thefts:
    """Alone, or in campaigns of one way, of some days and with common mules."""
    alone = chance(rng, world.lone_thefts, number)
    campaigns = max(1, round(int((~alone).sum()) / world.campaign_thefts))
    incident = np.where(alone, campaigns + np.cumsum(alone) - 1, rng.integers(0, campaigns, number))
    gangs = int(incident.max()) + 1
    kind = pick(rng, np.array([*world.shares().values()]), gangs)[incident]
    start = pick(rng, np.array([WEEK[day % 7] for day in range(DAYS)]), gangs)[incident]
    day = np.minimum(DAYS - 1, start + np.where(alone, 0, rng.integers(0, world.campaign_days, number)))
    hour = pick(rng, hour_weights()[:24], number) + 1  # fraud keeps everybody's hours
    minute = np.minimum(LAST_STEP, day * 24 + hour) * MINUTES + rng.integers(0, MINUTES, number)
    nth = _nth(incident)
    shared = np.unique(incident * number + nth // world.thefts_per_mule, return_inverse=True)[1]
    mules, opened = _mules(rng, int(shared.max()) + 1, customers, first_new, world)
    delay = Quantiles.lognormal(world.report_median_hours, world.report_sigma).draw(rng, number) // 100
    delay *= np.where(kind == SCAM, world.scam_waits, 1)
    silent = chance(rng, world.never_reported, number)
    victim = customers.senders(rng, number, world)
    mule = mules[shared]
    return Thefts(
        kind=kind,
        incident=incident,
        minute=minute,
        victim=np.where(victim == mule, (victim + 1) % customers.known, victim),
        mule=mule,
        reported=np.where(silent, NEVER, minute // MINUTES + 1 + delay),
        opened=opened,
    )


def _mules(rng: Generator, number: int, customers: Customers, first_new: int, world: World) -> Fresh:
    """Accounts that were opened for it, and some that were hijacked; how many were opened."""
    fresh = chance(rng, world.new_mules, number)
    hijacked = customers.senders(rng, number, world)
    return np.where(fresh, first_new + np.cumsum(fresh) - 1, hijacked), int(fresh.sum())


def _nth(incident: Integers) -> Integers:
    """The how many-th theft of its campaign each is."""
    order = np.argsort(incident, kind="stable")
    first = np.searchsorted(incident[order], incident[order], side="left")
    nth = np.empty(len(order), np.int64)
    nth[order] = np.arange(len(order)) - first
    return nth


def _of(thefts: Thefts, rows: Integers) -> dict[str, Integers]:
    return {"incident": thefts.incident[rows], "reported": thefts.reported[rows]}
