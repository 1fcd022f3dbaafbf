"""Thefts: what thieves do with cards, and what bearers dispute of what they bought themselves."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from examples.card_payment.world import CATEGORIES, COUNTRIES, PAYMENTS, SPENT, World

if TYPE_CHECKING:
    from examples.card_payment.simulate import Population

KINDS = ("stolen_number", "lost_card", "takeover", "bust_out", "friendly")
HOUR_S, DAY_S = 3600, 86_400
Array = NDArray[Any]


def stolen(
    rng: Generator, number: int, people: "Population", honest: dict[str, Array], world: World
) -> dict[str, Array]:
    """The payments of all thefts; disputed ones are marked in `honest`."""
    shares = np.array([getattr(world, kind) for kind in KINDS])
    rows = number * world.fraud_rate * shares / shares.sum()
    disputed = rng.choice(len(honest["at"]), round(rows[-1]), replace=False)
    honest["fraud"][disputed] = True
    honest["incident"][disputed] = np.arange(len(disputed))
    parts, begun, devices = [], len(disputed), 10 * people.cards + 10 * number
    makers = (_numbers, _lost, _takeovers, _bust_outs)
    for kind, wanted, make in zip(KINDS, rows, makers, strict=False):
        each = PAYMENTS[kind] + (world.tests if kind == "stolen_number" else 0)
        made = make(rng, max(1, round(wanted / each)), people, world, devices)
        made["incident"] = made["incident"] + begun
        begun, devices = int(made["incident"].max()) + 1, devices + number
        parts.append(made)
    return {name: np.concatenate([part[name] for part in parts]) for name in honest}


def _numbers(rng: Generator, thefts: int, people: "Population", world: World, devices: int) -> dict[str, Array]:
    """Lots of numbers, each lot used by one thief within a few days from the same devices."""
    lot = np.arange(thefts) // world.lot
    lots = int(lot[-1]) + 1
    start = (rng.random(lots) * world.days * DAY_S)[lot] + rng.random(thefts) * 3 * DAY_S
    of, nth = _payments(rng, thefts, PAYMENTS["stolen_number"] + world.tests)
    is_test = nth < world.tests
    merchant = np.where(is_test, _merchants(rng, len(of), people, ("digital", "gaming")), _resold(rng, len(of), people))
    amount = np.where(is_test, rng.uniform(0.5, 4.5, len(of)), _spent(rng, merchant, people, world, "stolen_number"))
    at = start[of] + np.where(is_test, nth * 240, HOUR_S + rng.random(len(of)) * world.patience_hours * HOUR_S)
    card = rng.integers(0, people.cards, thefts)[of]
    hidden = (rng.random(lots) < world.hidden_abroad)[lot][of]
    thieves = rng.integers(0, len(COUNTRIES), lots)[lot][of]
    device = devices + lot[of] * world.lot_devices + rng.integers(0, world.lot_devices, len(of))
    return _columns(at, amount, card, merchant, device, 0, np.where(hidden, people.country[card], thieves), lot[of])


def _lost(rng: Generator, thefts: int, people: "Population", world: World, devices: int) -> dict[str, Array]:  # noqa: ARG001 as the others
    """A card that was found or taken, used in shops within a day."""
    of, _ = _payments(rng, thefts, PAYMENTS["lost_card"])
    merchant = _merchants(rng, len(of), people, ("fashion", "electronics", "fuel", "grocery"))
    at = (rng.random(thefts) * world.days * DAY_S)[of] + rng.random(len(of)) * 0.5 * world.patience_hours * HOUR_S
    card = rng.integers(0, people.cards, thefts)[of]
    return _columns(at, _spent(rng, merchant, people, world, "lost_card"), card, merchant, -1, 1, -1, of)


def _takeovers(rng: Generator, thefts: int, people: "Population", world: World, devices: int) -> dict[str, Array]:
    """Another's session on a device of its own, in the bearer's country."""
    of, _ = _payments(rng, thefts, PAYMENTS["takeover"])
    merchant = _resold(rng, len(of), people)
    at = (rng.random(thefts) * world.days * DAY_S)[of] + rng.random(len(of)) * world.patience_hours * HOUR_S
    card = rng.integers(0, people.cards, thefts)[of]
    amount = _spent(rng, merchant, people, world, "takeover")
    return _columns(at, amount, card, merchant, devices + of, 0, people.country[card], of)


def _bust_outs(rng: Generator, thefts: int, people: "Population", world: World, devices: int) -> dict[str, Array]:  # noqa: ARG001 as the others
    """New merchants, each of which takes phone payments of twenty cards for four days."""
    gang = np.arange(thefts) // 20
    start = (rng.random(int(gang[-1]) + 1) * world.days * DAY_S)[gang]
    of, _ = _payments(rng, thefts, PAYMENTS["bust_out"])
    merchant = people.merchants + gang[of]
    median = list(CATEGORIES.values())[5].median
    amount = SPENT["bust_out"] * median * rng.lognormal(0, world.level_sigma, len(of))
    card = rng.integers(0, people.cards, thefts)[of]
    return _columns(start[of] + rng.random(len(of)) * 4 * DAY_S, amount, card, merchant, -1, 2, -1, gang[of])


def _payments(rng: Generator, thefts: int, usual: int) -> tuple[Array, Array]:
    """Which theft each payment is of, and the how many-th of it; one less or more than usual."""
    each = np.maximum(1, usual + rng.integers(-1, 2, thefts))
    of = np.repeat(np.arange(thefts), each)
    return of, np.arange(len(of)) - np.repeat(np.cumsum(each) - each, each)


def _merchants(rng: Generator, size: int, people: "Population", kinds: tuple[str, ...]) -> Array:
    wanted = [list(CATEGORIES).index(kind) for kind in kinds]
    weight = people.popularity * np.isin(people.category, wanted)
    return rng.choice(people.merchants, size, p=weight / weight.sum())


def _resold(rng: Generator, size: int, people: "Population") -> Array:
    liked = np.array([one.resold * (one.web > 0) for one in CATEGORIES.values()])[people.category]
    weight = people.popularity * liked
    return rng.choice(people.merchants, size, p=weight / weight.sum())


def _spent(rng: Generator, merchant: Array, people: "Population", world: World, kind: str) -> Array:
    median = np.array([one.median for one in CATEGORIES.values()])[people.category[merchant]]
    return SPENT[kind] * median * people.price[merchant] * rng.lognormal(0, world.amount_sigma, len(merchant))


def _columns(
    at: Array, amount: Array, card: Array, merchant: Array, device: Any, channel: int, ip: Any, incident: Array
) -> dict[str, Array]:
    size = len(at)
    return {
        "at": at.astype(np.int64), "amount": amount, "card": card, "merchant": merchant,
        "device": np.broadcast_to(device, size), "channel": np.full(size, channel),
        "ip_country": np.broadcast_to(ip, size), "incident": incident, "known": np.ones(size, bool),
        "fraud": np.ones(size, bool),
    }  # fmt: skip
