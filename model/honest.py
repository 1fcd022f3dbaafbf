"""What honest customers do: pay, take and bring cash, send money to each other, and use what they were sent."""

import numpy as np
from numpy.random import Generator

from model.customer import Customers
from model.fact import drawn_amounts, drawn_types
from model.ledger import CASH_OUT, TRANSFER
from model.plan import Intent, drawn_minutes, joined, later
from model.quantile import Integers
from model.world import World, chance


def honest(rng: Generator, size: int, customers: Customers, world: World) -> tuple[Intent, int]:
    """About `size` rows, and how many accounts are opened on the way."""
    transfers = size * 84 // 1000
    first = size - transfers * world.passed_on // 1000
    kind = drawn_types(rng, first)
    origin = customers.senders(rng, first, world)
    amount = np.maximum(1, drawn_amounts(rng, kind) * customers.wealth[origin] // 100)
    destination, opened = _destinations(rng, kind, customers, world)
    sent = Intent.of(
        drawn_minutes(rng, first),
        kind,
        origin,
        _another(origin, destination, customers),
        amount=amount,
        drains=chance(rng, world.genuine_drains, first) & np.isin(kind, (CASH_OUT, TRANSFER)),
    )
    return joined(sent, _passed_on(rng, sent, customers, world)), opened


def _destinations(rng: Generator, kind: Integers, customers: Customers, world: World) -> tuple[Integers, int]:
    size, transfer = len(kind), kind == TRANSFER
    found = np.where(
        transfer & chance(rng, world.to_people, size), customers.persons(rng, size), customers.counters(rng, size)
    )
    fresh = transfer & chance(rng, world.new_payees, size)
    return np.where(fresh, customers.known + np.cumsum(fresh) - 1, found), int(fresh.sum())


def _another(origin: Integers, destination: Integers, customers: Customers) -> Integers:
    """Nobody sends money to the account that it comes from."""
    return np.where(origin == destination, (destination + 1) % customers.known, destination)


def _passed_on(rng: Generator, sent: Intent, customers: Customers, world: World) -> Intent:
    """Cash that receivers of transfers take of them."""
    of = np.flatnonzero((sent.kind == TRANSFER) & chance(rng, world.passed_on, len(sent)))
    received = sent.rows(of)
    return Intent.of(
        later(rng, received.minute, world.passed_on_hours),
        CASH_OUT,
        received.destination,
        _another(received.destination, customers.counters(rng, len(of)), customers),
        permille=parts(rng, len(of), world),
        source=of,
    )


def parts(rng: Generator, size: int, world: World) -> Integers:
    """In permille, how much of it somebody takes who takes all mostly."""
    return np.where(chance(rng, world.partial_frauds, size), rng.integers(200, 951, size), 1000)
