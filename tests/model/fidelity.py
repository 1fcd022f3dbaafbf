"""How near a ledger is to PaySim's published facts, each with the tolerance it is held to."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from fraudshield.predictor.columns import Booleans
from model.fact import facts, genuine
from model.ledger import CASH_OUT, PAYMENT, TRANSFER, TYPES, Ledger
from model.quantile import Integers

QUANTILES = ("0.05", "0.1", "0.25", "0.5", "0.75", "0.9", "0.95")  # the tails of DEBIT's 305 sampled rows are noise


@dataclass(frozen=True, slots=True)
class Comparison:
    """A found number, the published one, and how far they may be apart: absolutely, or as a share of the latter."""

    what: str
    found: float
    published: float
    absolute: float = 0.0
    relative: float = 0.0

    def holds(self) -> bool:
        return abs(self.found - self.published) <= self.absolute + self.relative * abs(self.published)


def deviations(ledger: Ledger) -> list[Comparison]:
    """The comparisons that do not hold; made for half a million rows or more."""
    return [comparison for comparison in _comparisons(ledger) if not comparison.holds()]


def _comparisons(ledger: Ledger) -> Iterator[Comparison]:
    yield Comparison("fraud rate", ledger.fraud.mean(), facts()["totals"]["fraud_rate"], relative=0.01)
    for kind, name in enumerate(TYPES):
        here = (ledger.type == kind) & ~ledger.fraud
        yield Comparison(f"{name} share", here.mean(), facts()["totals"]["share"][name], absolute=0.003)
        yield from _genuine(ledger, here, name, genuine(kind))
    for kind in (TRANSFER, CASH_OUT):
        yield from _fraudulent(ledger.rows(np.flatnonzero(ledger.fraud & (ledger.type == kind))), TYPES[kind])
    yield from _clock(ledger)
    yield from _accounts(ledger)


def _genuine(ledger: Ledger, here: Booleans, name: str, known: Any) -> Iterator[Comparison]:
    yield from _quantiles(f"{name} amount", ledger.amount[here], known["amount_quantiles"])
    for field, money, tolerance in (
        ("oldbalanceOrg", ledger.origin_before[here], 0.025),
        ("newbalanceOrig", ledger.origin_after[here], 0.05),  # not drawn: follows from amount and balance before
        ("oldbalanceDest", ledger.destination_before[here], 0.025),
    ):
        yield Comparison(f"{name} {field} zero", (money == 0).mean(), known[f"{field}_zero"], absolute=tolerance)
    drains = (ledger.amount == ledger.origin_before)[here].mean()
    yield Comparison(f"{name} drains", drains, known["amount_eq_oldbalanceOrg"])
    whole = ledger.origin_before[here]
    found = (whole[whole > 0] % 100 == 0).mean()
    yield Comparison(f"{name} whole balances", found, known["oldbalanceOrg_integer_given_nonzero"], absolute=0.03)


def _quantiles(what: str, cents: Integers, published: Any) -> Iterator[Comparison]:
    for share in QUANTILES:
        yield Comparison(f"{what} {share}", np.quantile(cents, float(share)) / 100, published[share], relative=0.1)


def _fraudulent(frauds: Ledger, name: str) -> Iterator[Comparison]:
    known = facts()["fraud_exact"][name]
    drains = (frauds.amount == frauds.origin_before).mean()
    fresh = (frauds.destination_before == 0).mean()
    yield Comparison(f"fraud {name} drains", drains, known["amount_eq_oldbalanceOrg"], absolute=0.04)
    yield Comparison(f"fraud {name} capped", (frauds.amount == 10**9).mean(), known["amount_eq_10M"], absolute=0.02)
    yield Comparison(f"fraud {name} to empty", fresh, known["oldbalanceDest_zero"], absolute=0.08)
    median = np.median(frauds.amount) / 100
    yield Comparison(f"fraud {name} median", median, known["amount_quantiles"]["0.5"], relative=0.3)  # of 300 rows


def _clock(ledger: Ledger) -> Iterator[Comparison]:
    hours = facts()["hour_of_day_est"]
    volume = np.bincount(ledger.step % 24, minlength=24) / len(ledger)
    for hour in range(24):
        yield Comparison(f"volume at {hour}", volume[hour], hours[str(hour)]["volume_share"], absolute=0.004)
    days = np.array([facts()["day_est"][str(day)]["volume_est"] for day in range(31)])
    found = np.bincount((ledger.step - 1) // 24, minlength=31) / len(ledger)
    for day, share in enumerate(days / days.sum()):
        yield Comparison(f"volume on day {day}", found[day], share, absolute=0.003)
    awake = np.isin(ledger.step[ledger.fraud] % 24, range(9, 24)).mean()
    published = sum(hours[str(hour)]["fraud"] for hour in range(9, 24)) / facts()["totals"]["frauds"]
    yield Comparison("fraud between 9 and 24", awake, published, absolute=0.08)


def _accounts(ledger: Ledger) -> Iterator[Comparison]:
    senders = len(np.unique(ledger.origin)) / len(ledger)
    totals = facts()["totals"]
    yield Comparison("senders per row", senders, totals["unique_nameOrig"] / totals["rows"], absolute=0.005)
    customers = ledger.destination[ledger.type != PAYMENT]
    yield Comparison("rows per receiving customer", len(customers) / len(np.unique(customers)), 7.4, relative=0.1)
    pairs = ledger.rows(np.flatnonzero(ledger.fraud))
    moved = {kind: sorted(zip(*_step_and_amount(pairs, kind), strict=True)) for kind in (TRANSFER, CASH_OUT)}
    known = facts()["fraud_pairs_exact"]
    together = len(set(moved[TRANSFER]) & set(moved[CASH_OUT])) / max(1, len(set(moved[TRANSFER])))
    yield Comparison("frauds in pairs", together, known["matched_same_step_amount"] / known["transfer"], absolute=0.02)


def _step_and_amount(ledger: Ledger, kind: int) -> tuple[list[int], list[int]]:
    here = ledger.type == kind
    return ledger.step[here].tolist(), ledger.amount[here].tolist()
