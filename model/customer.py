"""Who lives in the simulated world. Everybody may send and receive, and no number tells who somebody is."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from model.fact import drawn_balances, genuine, pick
from model.ledger import CASH_OUT
from model.quantile import Integers, Quantiles
from model.world import World, chance


@dataclass(frozen=True, slots=True)
class Customers:
    """Accounts: first those of people, then counters, and from `known` on whoever opens one later.

    `balance` is of the first ones at the start, in cents, `wealth` in per cent of usual amounts.
    """

    people: int
    known: int
    activity: Integers
    wealth: Integers
    balance: Integers

    @classmethod
    def of(cls, rng: Generator, rows: int, world: World) -> "Customers":
        """As many as make so many rows."""
        people = max(50, rows // world.rows_per_customer)
        counters = max(50, rows * world.counters_per_1000_rows // 1000)
        held = Quantiles.lognormal(world.balance_median, world.balance_sigma).draw(rng, people)
        held[chance(rng, world.empty_accounts, people)] = 0
        tills = drawn_balances(rng, genuine(CASH_OUT), "oldbalanceDest", counters) // 2  # PaySim's grew over a month
        return cls(
            people=people,
            known=people + counters,
            activity=Quantiles.lognormal(1.0, world.activity_sigma).draw(rng, people),
            wealth=np.append(Quantiles.lognormal(1.0, world.wealth_sigma).draw(rng, people), np.full(counters, 100)),
            balance=np.concatenate([held, tills]),
        )

    def persons(self, rng: Generator, size: int) -> Integers:
        """People, the busy ones more often."""
        return pick(rng, self.activity, size)

    def counters(self, rng: Generator, size: int) -> Integers:
        """Any of them alike."""
        return rng.integers(self.people, self.known, size)

    def senders(self, rng: Generator, size: int, world: World) -> Integers:
        """Who makes a row: people mostly."""
        return np.where(chance(rng, world.counters_send, size), self.counters(rng, size), self.persons(rng, size))

    def opened(self, rng: Generator, size: int, world: World) -> Integers:
        """What lies on so many new accounts."""
        used = Quantiles.lognormal(3_000.0, 1.5).draw(rng, size)
        return np.where(chance(rng, world.opened_empty, size), 0, used)
