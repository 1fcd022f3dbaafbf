"""What balances make of a plan, row by row: an account holds what the rows before left, whether it sent or received."""

import numpy as np
from numpy.random import Generator

from model.ledger import CASH_IN, PAYMENT, Ledger
from model.plan import MINUTES, NEVER, NONE, Intent
from model.quantile import Integers
from model.world import World, chance


def settled(rng: Generator, plan: Intent, balance: Integers, world: World) -> Ledger:
    """The rows that come about, in the order of the plan, which is that of time; accounts as numbers.

    What a balance does not cover is refused: the row stays and moves nothing. A thief who finds nothing leaves no row,
    and neither does who was to pass on what never came.
    """
    size = len(plan)
    insists = chance(rng, world.ask_too_much, size).tolist()
    fraction = np.minimum(rng.integers(1, 10_001, size), rng.integers(1, 10_001, size)).tolist()  # rather a little
    held = balance.tolist()
    moved, rows = [0] * size, []
    columns = (plan.kind, plan.origin, plan.destination, plan.amount, plan.permille, plan.source, plan.drains)
    each = zip(*(column.tolist() for column in columns), insists, fraction, strict=True)
    for at, (kind, origin, destination, asked, permille, source, drains, insisting, some) in enumerate(each):
        has, there = held[origin], 0 if kind == PAYMENT else held[destination]
        if permille != NONE:
            of = has if source == NONE else moved[source]
            wanted = has if drains else max(1, of * permille // 1000)
            amount = min(has, wanted) if of and has else 0
            if not amount:
                continue
        elif kind != CASH_IN and has:
            amount = has if drains else asked
            if amount > has and not insisting:
                amount = max(1, has * some // 10_000)
        else:
            amount = asked
        left, then = has, there
        if kind == CASH_IN:
            left, then = has + amount, max(0, there - amount)
            moved[at] = amount
        elif amount <= has:
            left, then = has - amount, there + amount
            moved[at] = amount
        held[origin] = left
        if kind == PAYMENT:
            then = 0
        else:
            held[destination] = then
        rows.append((at, amount, has, left, there, then))
    of, *money = np.array(rows, np.int64).T
    kept = plan.rows(of)
    amounts, before, after, its_before, its_after = money
    return Ledger(
        step=kept.minute // MINUTES,
        type=kept.kind,
        amount=amounts,
        origin=kept.origin,
        origin_before=before,
        origin_after=after,
        destination=kept.destination,
        destination_before=its_before,
        destination_after=its_after,
        fraud=(kept.incident != NONE) & (kept.reported != NEVER),
        incident=kept.incident,
        reported=np.where(kept.reported == NEVER, NEVER, np.maximum(kept.reported, kept.minute // MINUTES)),
    )
