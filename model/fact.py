"""What is known of PaySim (`paysim/facts.json`), and draws that follow it."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator

from model.ledger import TYPES
from model.quantile import Integers, Quantiles

LAST_STEP = 743
STEPS = np.arange(1, LAST_STEP + 1)


@cache
def facts() -> Any:
    """The file, as JSON."""
    return json.loads((Path(__file__).parent / "paysim" / "facts.json").read_text(encoding="utf-8"))


def genuine(kind: int) -> Any:
    """The facts about genuine transactions of a type."""
    return facts()["nonfraud_by_type_est"][TYPES[kind]]


def pick(rng: Generator, weights: Integers, size: int) -> Integers:
    """Positions in `weights`, each as often as its weight says."""
    ends = np.cumsum(weights)
    return np.searchsorted(ends, rng.integers(0, ends[-1], size), side="right")


def drawn_types(rng: Generator, size: int) -> Integers:
    """Types in PaySim's shares."""
    share = facts()["totals"]["share"]
    return pick(rng, np.array([round(share[name] * 10**8) for name in TYPES]), size)


def hour_weights() -> Integers:
    """How busy each step's hour of the day is."""
    hours = facts()["hour_of_day_est"]
    return np.array([round(hours[str(hour)]["volume_share"] * 10**9) for hour in range(24)])[STEPS % 24]


def drawn_amounts(rng: Generator, kinds: Integers) -> Integers:
    """For each type an amount from PaySim's distribution of that type, in cents."""
    amounts = np.zeros(len(kinds), np.int64)
    for kind in range(len(TYPES)):
        here = kinds == kind
        amounts[here] = Quantiles.published(genuine(kind)["amount_quantiles"]).draw(rng, int(here.sum()))
    return amounts


def drawn_balances(rng: Generator, known: Any, name: str, size: int) -> Integers:
    """Balances in cents with the share of zeros that `known` tells of `name`, and of whole units where it does."""
    zeros = known[f"{name}_zero"]
    balance = Quantiles.published(known[f"{name}_quantiles"], zeros).draw(rng, size)
    balance[rng.random(size) < zeros] = 0
    whole = rng.random(size) < known.get(f"{name}_integer_given_nonzero", 0.0)
    return np.where(whole & (balance >= 100), balance // 100 * 100, balance)
