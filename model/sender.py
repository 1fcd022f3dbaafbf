"""The sending side of the simulated world: who wants to move what, and what the balances make of it."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from fraudshield.predictor.columns import Booleans
from model.fact import STEPS, drawn_amounts, drawn_types, hour_weights, pick
from model.ledger import CASH_IN, CASH_OUT, TRANSFER, Ledger, rounds
from model.quantile import Integers, Quantiles
from model.world import WEEK, World, chance


@dataclass(frozen=True, slots=True)
class Intent:
    """What each row is meant to do, in the order of time, before anybody looks at a balance."""

    step: Integers
    sender: Integers
    kind: Integers
    amount: Integers
    drains: Booleans  # a genuine customer takes all there is
    theft: Booleans
    stolen_permille: Integers  # of the victim's balance, where it is a theft


def intents(rng: Generator, size: int, thefts: int, world: World) -> Intent:
    """`size` rows, `thefts` of them attempts to steal."""
    senders = max(50, size // world.rows_per_sender)
    sender = pick(rng, Quantiles.lognormal(1.0, world.activity_sigma).draw(rng, senders), size)
    wealth = Quantiles.lognormal(1.0, world.wealth_sigma).draw(rng, senders)  # in per cent
    theft = np.zeros(size, np.bool_)
    theft[rng.choice(size, thefts, replace=False)] = True  # any row: so thieves keep everybody's hours
    kind = np.where(theft, TRANSFER, drawn_types(rng, size))
    volumes = hour_weights() * np.array(WEEK)[STEPS // 24 % 7]
    partial = chance(rng, world.partial_frauds, size)
    return Intent(
        step=np.sort(STEPS[pick(rng, volumes, size)]),
        sender=sender,
        kind=kind,
        amount=np.maximum(1, drawn_amounts(rng, kind) * wealth[sender] // 100),
        drains=chance(rng, world.genuine_drains, size) & np.isin(kind, (CASH_OUT, TRANSFER)) & ~theft,
        theft=theft,
        stolen_permille=np.where(partial, rng.integers(300, 971, size), 1000),
    )


def settled(rng: Generator, intent: Intent, world: World) -> Ledger:
    """Every sender's rows one after the other, so a balance is what the rows before left; destinations still empty.

    All senders' first rows are settled at once, then all second rows, and so on.
    """
    size, senders = len(intent.step), int(intent.sender.max()) + 1
    balance = Quantiles.lognormal(world.balance_median, world.balance_sigma).draw(rng, senders)
    balance[chance(rng, world.empty_accounts, senders)] = 0
    insists = chance(rng, world.ask_too_much, size)
    fraction = np.minimum(rng.integers(1, 10_001, size), rng.integers(1, 10_001, size))  # rather a little than a lot
    amount, before, after = intent.amount.copy(), np.zeros(size, np.int64), np.zeros(size, np.int64)
    for rows in rounds(intent.sender):
        held = balance[intent.sender[rows]]
        asked = intent.amount[rows]
        outgoing = intent.kind[rows] != CASH_IN
        modest = outgoing & (asked > held) & ~insists[rows] & (held > 0)
        asked = np.where(modest, np.maximum(1, held * fraction[rows] // 10_000), asked)
        asked = np.where(intent.drains[rows] & (held > 0), held, asked)
        stolen = np.maximum(1, held * intent.stolen_permille[rows] // 1000)
        asked = np.where(intent.theft[rows] & (held > 0), stolen, asked)
        left = np.where(outgoing, np.where(asked > held, held, held - asked), held + asked)
        amount[rows], before[rows], after[rows] = asked, held, left
        balance[intent.sender[rows]] = left
    nothing = np.zeros(size, np.int64)
    return Ledger(
        step=intent.step,
        type=intent.kind,
        amount=amount,
        origin=intent.sender,
        origin_before=before,
        origin_after=after,
        destination=nothing,
        destination_before=nothing,
        destination_after=nothing,
        fraud=intent.theft & (before > 0),  # where there was nothing to steal, a transfer was refused
    )
