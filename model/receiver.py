"""The receiving side of the simulated world: where money goes, what lies there, and the mules who cash it."""

from dataclasses import replace

import numpy as np
from numpy.random import Generator

from model.fact import STEPS, drawn_balances, genuine
from model.ledger import CASH_IN, CASH_OUT, PAYMENT, TRANSFER, Ledger, joined, rounds
from model.quantile import Integers, Quantiles
from model.world import World, chance

FIRST_CUSTOMER = 1_000_000_000  # receiving accounts are numbered from here, senders below


def received(rng: Generator, sent: Ledger, world: World) -> Ledger:
    """`sent` with its destinations, and a CASH_OUT by the mule after every theft; in the order of time."""
    destination, initial = _destinations(rng, sent, world)
    sent = replace(sent, destination=destination)
    thefts = np.flatnonzero(sent.fraud)
    rows = joined(sent, _cash_outs(rng, sent.rows(thefts), len(initial), world))
    before, after = _as_of_the_row(rows, initial)
    mules = np.arange(len(sent), len(rows))
    origin_before, origin_after = rows.origin_before.copy(), rows.origin_after.copy()
    origin_before[mules] = after[thefts]  # what the mule got, on top of what was there
    origin_after[mules] = origin_before[mules] - rows.amount[mules]
    return replace(
        rows,
        origin_before=origin_before,
        origin_after=origin_after,
        destination=rows.destination + FIRST_CUSTOMER,
        destination_before=before,
        destination_after=after,
    ).in_order()


def _destinations(rng: Generator, sent: Ledger, world: World) -> tuple[Integers, Integers]:
    """For each row an account, known or new, and for each account what lies there at the start."""
    known = max(50, len(sent) * world.customers_per_1000_rows // 1000)
    payees = (sent.type == TRANSFER) & chance(rng, world.new_payees, len(sent))
    fresh = np.where(sent.fraud, chance(rng, world.new_mules, len(sent)), payees)
    destination = np.where(fresh, known + np.cumsum(fresh) - 1, rng.integers(0, known, len(sent)))
    new = int(fresh.sum())
    settled = drawn_balances(rng, genuine(CASH_OUT), "oldbalanceDest", known) // 2  # PaySim's have grown over a month
    opened = np.where(chance(rng, world.opened_empty, new), 0, Quantiles.lognormal(3_000.0, 1.5).draw(rng, new))
    return destination, np.concatenate([settled, opened])


def _cash_outs(rng: Generator, thefts: Ledger, accounts: int, world: World) -> Ledger:
    """One for each theft, as if the mule had nothing before it."""
    size = len(thefts)
    partial = chance(rng, world.partial_frauds, size)
    amount = np.maximum(1, thefts.amount * np.where(partial, rng.integers(200, 951, size), 1000) // 1000)
    return replace(
        thefts,
        step=np.minimum(STEPS[-1], thefts.step + rng.integers(0, world.cash_out_hours, size)),
        type=np.full(size, CASH_OUT),
        amount=amount,
        origin=FIRST_CUSTOMER + thefts.destination,
        origin_before=amount,
        origin_after=np.zeros(size, np.int64),
        destination=rng.integers(0, accounts, size),
    )


def _as_of_the_row(rows: Ledger, initial: Integers) -> tuple[Integers, Integers]:
    """The destination's balance before and after each row, given the balances at the start; a merchant's is 0."""
    refused = rows.origin_before == rows.origin_after
    moved = np.where(rows.type == CASH_IN, -rows.amount, rows.amount)
    moved[refused | (rows.type == PAYMENT)] = 0
    in_time = np.argsort(rows.step, kind="stable")
    balance, before, after = initial.copy(), np.zeros(len(rows), np.int64), np.zeros(len(rows), np.int64)
    for nth in rounds(rows.destination[in_time]):
        here = in_time[nth]
        account = rows.destination[here]
        before[here] = balance[account]
        balance[account] = after[here] = np.maximum(0, balance[account] + moved[here])
    merchant = rows.type == PAYMENT
    return np.where(merchant, 0, before), np.where(merchant, 0, after)
