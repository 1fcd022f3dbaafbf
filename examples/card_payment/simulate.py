"""Card payments of a world that never was, as CSV: python -m examples.card_payment.simulate --payments 100000 card.csv

Beside what the event type reads stand `label` and `labelled_at` (chargebacks only, as they come in), `incident` (which
theft, or which campaign of thefts), and `oracle`: 1 for what a thief did, as one would say who knew of every theft but
not of what its bearer will dispute.
"""

import argparse
import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

from examples.card_payment.theft import stolen
from examples.card_payment.world import CATEGORIES, COUNTRIES, HOME, World

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY_S = 86_400
HOURS = np.array([2, 1, 1, 1, 1, 2, 4, 7, 9, 10, 11, 12, 12, 11, 10, 10, 11, 13, 14, 13, 10, 7, 5, 3], float)
WEEK = np.array([96, 94, 96, 99, 110, 118, 87], float)  # Friday and Saturday are for shopping
HEADER = [
    "payment_id",
    "created",
    "amount",
    "card",
    "merchant",
    "device",
    "channel",
    "category",
    "card_country",
    "ip_country",
]
TRUTH = ["label", "labelled_at", "incident", "oracle"]
Array = NDArray[Any]


class Population:
    """Who pays whom, with what."""

    def __init__(self, rng: Generator, payments: int, world: World) -> None:
        self.cards = max(50, round(payments / world.payments_per_card))
        self.merchants = max(40, round(payments / world.payments_per_merchant))
        self.activity = rng.lognormal(0, world.activity_sigma, self.cards)
        self.level = rng.lognormal(0, world.level_sigma, self.cards)
        self.country = rng.choice(len(COUNTRIES), self.cards, p=HOME)
        shares = np.array([one.share for one in CATEGORIES.values()])
        self.category = rng.choice(len(CATEGORIES), self.merchants, p=shares / shares.sum())
        self.category[: len(CATEGORIES)] = np.arange(len(CATEGORIES))  # one of each, however few
        self.popularity = rng.lognormal(0, world.popularity_sigma, self.merchants)
        self.price = rng.lognormal(0, world.level_sigma, self.merchants)
        by_popularity = self.popularity / self.popularity.sum()
        self.favourites = rng.choice(self.merchants, (self.cards, world.favourites), p=by_popularity)
        self.by_popularity = by_popularity
        device = np.arange(self.cards)
        shared = rng.random(self.cards) < world.shared_device
        device[shared] = rng.integers(0, self.cards, int(shared.sum()))
        self.device = device


def genuine(rng: Generator, size: int, people: Population, world: World, drift_from: int) -> dict[str, Array]:
    """Payments of the cards' bearers; from day `drift_from` on they live otherwise."""
    first = round(size / (1 + 4 * world.bursts))
    card = rng.choice(people.cards, first, p=people.activity / people.activity.sum())
    days = WEEK[np.arange(world.days) % 7]
    day = rng.choice(world.days, first, p=days / days.sum())
    at = day * DAY_S + rng.choice(24, first, p=HOURS / HOURS.sum()) * 3600 + rng.integers(0, 3600, first)
    more = np.repeat(np.flatnonzero(rng.random(first) < world.bursts), 4)
    card, at = np.r_[card, card[more]], np.r_[at, at[more] + rng.integers(300, 14_400, len(more))]
    size = len(card)
    loyal = rng.random(size) < world.loyalty
    merchant = rng.choice(people.merchants, size, p=people.by_popularity)
    merchant = np.where(loyal, people.favourites[card, rng.integers(0, world.favourites, size)], merchant)
    category, months = people.category[merchant], at / (30 * DAY_S)
    drifted = at >= drift_from * DAY_S
    web = np.array([one.web for one in CATEGORIES.values()])[category]
    web = np.minimum(1, web + world.web_per_month * months * (web > 0) + world.drifted_web * drifted * (web > 0))
    channel = np.where(rng.random(size) < web, 0, np.where(rng.random(size) < 0.03, 2, 1))
    amount = np.array([one.median for one in CATEGORIES.values()])[category] * people.price[merchant]
    amount *= people.level[card] * rng.lognormal(0, world.amount_sigma, size)
    amount *= np.where(rng.random(size) < world.big_buys, 5, 1) * (1 + world.dearer_per_month) ** months
    amount *= np.where(drifted, world.drifted_dearer, 1)
    new = rng.random(size) < world.new_device
    device = np.where(new, people.cards + np.arange(size), people.device[card])
    abroad = (rng.random(size) < world.abroad) & (channel == 0)
    country = np.where(abroad, rng.integers(0, len(COUNTRIES), size), people.country[card])
    nobody = np.full(size, -1)
    return {
        "at": at, "amount": amount, "card": card, "merchant": merchant, "device": np.where(channel == 0, device, -1),
        "channel": channel, "ip_country": np.where(channel == 0, country, -1), "incident": nobody,
        "known": np.zeros(size, bool), "fraud": np.zeros(size, bool),
    }  # fmt: skip


def payments(number: int, seed: int, drift_from: int = 10**6, world: World | None = None) -> dict[str, Array]:
    """About so many payments as columns, in the order of time."""
    world, rng = world or World(), default_rng(seed)
    people = Population(rng, number, world)
    honest = genuine(rng, round(number * (1 - world.fraud_rate)), people, world, drift_from)
    thefts = stolen(rng, number, people, honest, world)
    columns = {name: np.concatenate([honest[name], thefts[name]]) for name in honest}
    columns = {name: values[columns["at"] < world.days * DAY_S] for name, values in columns.items()}
    order = np.argsort(columns["at"], kind="stable")
    columns = {name: values[order] for name, values in columns.items()}
    size = len(order)
    delay = DAY_S * world.label_median_days * rng.lognormal(0, world.label_sigma, size)
    reported = columns["fraud"] & (rng.random(size) >= world.never_reported)
    columns["labelled_at"] = np.where(reported, columns["at"] + np.maximum(3600, delay).astype(np.int64), -1)
    columns["amount"] = np.maximum(0.5, np.round(columns["amount"], 2))
    columns["category"] = np.where(
        columns["merchant"] < people.merchants, people.category[columns["merchant"] % people.merchants], 5
    )
    columns["card_country"] = people.country[columns["card"]]
    columns["row"] = np.arange(size)
    return columns


def write(path: Path, columns: dict[str, Array], exported_on: int) -> None:
    """Writes them; a chargeback of after day `exported_on` has not come in yet."""
    known = (columns["labelled_at"] >= 0) & (columns["labelled_at"] < exported_on * DAY_S)
    kinds, channels = list(CATEGORIES), ("web", "shop", "phone")
    ids, cards, merchants, devices = (_names(columns[name]) for name in ("row", "card", "merchant", "device"))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*HEADER, *TRUTH])
        names = ("at", "amount", "card", "merchant", "device", "channel", "category", "card_country", "ip_country")
        each = zip(*(columns[name].tolist() for name in (*names, "labelled_at", "incident", "known")), strict=True)
        for at_row, row in enumerate(each):
            at, amount, card, merchant, device, channel, kind, home, ip, labelled, incident, seen = row
            label = ("fraud", _instant(labelled)) if known[at_row] else ("", "")
            writer.writerow([
                f"p-{ids[at_row]}", _instant(at), f"{amount:.2f}", f"c-{cards[card]}", f"m-{merchants[merchant]}",
                "" if device < 0 else f"d-{devices[device]}", channels[channel], kinds[kind], COUNTRIES[home],
                "" if ip < 0 else COUNTRIES[ip], *label, "" if incident < 0 else f"i-{incident}", f"{float(seen):g}",
            ])  # fmt: skip


def _names(values: Array) -> dict[int, str]:
    """A name for each, by chance: no number tells a thief."""
    known = np.unique(values)
    names = np.random.default_rng(len(values)).permutation(10 * len(known))[: len(known)]
    return {number: f"{name:08d}" for number, name in zip(known.tolist(), names.tolist(), strict=True)}


def _instant(at_s: int) -> str:
    return (START + timedelta(seconds=int(at_s))).isoformat().replace("+00:00", "Z")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Simulated card payments as CSV.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--payments", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fraud-rate", type=float, default=World().fraud_rate, help="of payments")
    parser.add_argument("--drift-from", type=int, default=10**6, help="the day from which on people live otherwise")
    parser.add_argument("--exported-on", type=int, default=World().days + 30, help="the day by which labels are known")
    told = parser.parse_args()
    columns = payments(told.payments, told.seed, told.drift_from, World(fraud_rate=told.fraud_rate))
    write(told.file, columns, told.exported_on)
    print(f"{len(columns['at']):,} payments, {int(columns['fraud'].sum()):,} of them fraud, are in {told.file}")


if __name__ == "__main__":
    main()
