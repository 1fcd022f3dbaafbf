"""A look-alike of PaySim near its published facts, its artefacts included: to measure how a model carries over."""

import numpy as np
from numpy.random import Generator, default_rng

from model.fact import LAST_STEP, STEPS, drawn_amounts, drawn_balances, drawn_types, facts, genuine, hour_weights, pick
from model.ledger import CASH_IN, CASH_OUT, PAYMENT, TRANSFER, TYPES, Ledger, joined
from model.plan import NEVER
from model.quantile import Integers, Quantiles

ROWS_PER_DESTINATION = 7.4  # a customer's account receives this often, see "identity" in the facts
NEW_ACCOUNTS = 1 << 31  # PaySim draws every sender afresh from about this many numbers
FRAUD_CAP = 1_000_000_000  # ten million in cents: the fraudsters' limit


def faithful(rows: int, seed: int) -> Ledger:
    """About `rows` transactions as PaySim would have written them.

    Frauds come in pairs within a step: a TRANSFER that empties the sender, then a CASH_OUT of the same amount from
    another account. The destination's balance after is the row's own, which PaySim's is on nine rows of ten only.
    """
    rng = default_rng(seed)
    pairs = round(rows * facts()["totals"]["fraud_rate"] / 2)
    pool = max(1, round(rows * _customer_share() / ROWS_PER_DESTINATION))
    return joined(_genuine(rng, rows - 2 * pairs, pool), *_frauds(rng, pairs, pool)).in_order()


def _genuine(rng: Generator, size: int, pool: int) -> Ledger:
    kind = drawn_types(rng, size)
    amount = drawn_amounts(rng, kind)
    origin_before = np.zeros(size, np.int64)
    destination_before = np.zeros(size, np.int64)
    for each in range(len(TYPES)):
        here = kind == each
        origin_before[here] = drawn_balances(rng, genuine(each), "oldbalanceOrg", int(here.sum()))
        if each != PAYMENT:
            destination_before[here] = drawn_balances(rng, genuine(each), "oldbalanceDest", int(here.sum()))
    amount += amount == origin_before  # no genuine PaySim row takes exactly everything
    incoming = kind == CASH_IN
    moved = np.where(kind == PAYMENT, 0, np.where(incoming, -amount, amount))
    return Ledger(
        step=STEPS[pick(rng, _volumes(), size)],
        type=kind,
        amount=amount,
        origin=rng.integers(0, NEW_ACCOUNTS, size),
        origin_before=origin_before,
        origin_after=np.where(incoming, origin_before + amount, np.maximum(0, origin_before - amount)),
        destination=np.where(kind == PAYMENT, rng.integers(0, NEW_ACCOUNTS, size), rng.integers(0, pool, size)),
        destination_before=destination_before,
        destination_after=np.maximum(0, destination_before + moved),
        fraud=np.zeros(size, np.bool_),
        incident=np.full(size, -1),
        reported=np.full(size, NEVER),
    )


def _frauds(rng: Generator, size: int, pool: int) -> tuple[Ledger, Ledger]:
    """The transfers, and the cash-outs that follow them in the same step."""
    known = facts()["fraud_exact"]
    capped = rng.random(size) < known["TRANSFER"]["amount_eq_10M"]
    drawn = Quantiles.published(known["TRANSFER"]["amount_quantiles"]).draw(rng, size)
    amount = np.where(capped, FRAUD_CAP, np.minimum(drawn, FRAUD_CAP))
    before = np.where(amount == FRAUD_CAP, FRAUD_CAP * rng.integers(101, 300, size) // 100, amount)
    step = rng.integers(1, LAST_STEP + 1, size)  # at any hour alike
    nothing = np.zeros(size, np.int64)
    transfers = Ledger(
        step=step,
        type=np.full(size, TRANSFER),
        amount=amount,
        origin=rng.integers(0, NEW_ACCOUNTS, size),
        origin_before=before,
        origin_after=before - amount,
        destination=rng.integers(0, NEW_ACCOUNTS, size),
        destination_before=nothing,
        destination_after=nothing,  # the mule is empty again before PaySim writes the row
        fraud=np.ones(size, np.bool_),
        incident=np.arange(size),
        reported=step,
    )
    destination_before = drawn_balances(rng, known["CASH_OUT"], "oldbalanceDest", size)
    cash_outs = Ledger(
        step=step,
        type=np.full(size, CASH_OUT),
        amount=amount,
        origin=rng.integers(0, NEW_ACCOUNTS, size),
        origin_before=amount,
        origin_after=nothing,
        destination=rng.integers(0, pool, size),
        destination_before=destination_before,
        destination_after=destination_before + amount,
        fraud=np.ones(size, np.bool_),
        incident=np.arange(size),
        reported=step,
    )
    return transfers, cash_outs


def _volumes() -> Integers:
    """PaySim's rows by step: each day as busy as it was, within the day by the hour."""
    hour = hour_weights()
    day = (STEPS - 1) // 24
    known = facts()["day_est"]
    of_day = np.array([round(known[str(d)]["volume_est"]) for d in range(31)])
    in_day = np.bincount(day, weights=hour).astype(np.int64)
    volumes: Integers = of_day[day] * (hour * 10**6 // in_day[day])
    return volumes


def _customer_share() -> float:
    return 1.0 - float(facts()["totals"]["share"]["PAYMENT"])
