"""Transactions like PaySim's without the artefacts that make PaySim easy: the data the shipped model learns from.

Accounts persist, send and receive, and their balances follow from that. Genuine customers empty accounts too and use
what they were sent; thieves work in several ways and in campaigns, may take a part, come when everybody is awake and
send to known accounts as well. Balances are as of the row, what they do not cover is refused, and a victim's report
takes its time. Only integers are drawn, so a seed gives the same rows on every machine.
"""

from dataclasses import replace

import numpy as np
from numpy.random import default_rng

from model.customer import Customers
from model.fact import facts
from model.honest import honest
from model.ledger import Ledger
from model.plan import joined
from model.settlement import settled
from model.theft import stolen
from model.world import World

ROWS_A_THEFT = 1.88  # that are reported, of the usual mixture: some thieves find nothing, some victims say nothing
FIRST_NUMBER = 1_000_000_000  # names have ten digits, as PaySim's


def transactions(rows: int, seed: int, world: World | None = None) -> Ledger:
    """About `rows` transactions over 743 hours, about 0.129 % of them fraud as in PaySim; one theft at least."""
    world, rng = world or World(), default_rng(seed)
    thefts = max(1, round(rows * facts()["totals"]["fraud_rate"] / ROWS_A_THEFT))
    customers = Customers.of(rng, rows, world)
    genuine, payees = honest(rng, rows - round(thefts * ROWS_A_THEFT), customers, world)
    stealing, mules = stolen(rng, thefts, customers, customers.known + payees, len(genuine), world)
    balance = np.append(customers.balance, customers.opened(rng, payees + mules, world))
    ledger = settled(rng, joined(genuine, stealing).in_order(), balance, world)
    number = FIRST_NUMBER + rng.permutation(4 * len(balance))[: len(balance)]  # by chance: none tells a thief
    return replace(ledger, origin=number[ledger.origin], destination=number[ledger.destination])
