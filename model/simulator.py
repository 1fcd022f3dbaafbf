"""Transactions like PaySim's without the artefacts that make PaySim easy: the data the shipped model learns from.

Senders persist and their balances follow from what they did, genuine customers empty accounts too, frauds may take a
part, come when everybody is awake and go to known accounts as well, balances are as of the row, and what the balance
does not cover is refused. Only integers are drawn, so a seed gives the same rows on every machine.
"""

from numpy.random import default_rng

from model.fact import facts
from model.ledger import Ledger
from model.receiver import received
from model.sender import intents, settled
from model.world import World


def transactions(rows: int, seed: int, world: World | None = None) -> Ledger:
    """About `rows` transactions over 743 hours, 0.129 % of them fraud as in PaySim, less those that met no balance.

    A fraud is a TRANSFER from a victim's account, then a CASH_OUT by the mule who received it.
    """
    world = world or World()
    rng = default_rng(seed)
    thefts = round(rows * facts()["totals"]["fraud_rate"] / 2)
    intent = intents(rng, rows - thefts, thefts, world)
    return received(rng, settled(rng, intent, world), world)
