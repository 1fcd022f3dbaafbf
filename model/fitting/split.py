"""Parts of a table by time: to train on, to tune by, to calibrate on, a gap for late labels, and to be judged by.

Accounts stand on both sides, as in production. What is known of labels in the first three parts is what was known when
the last one begins: whoever trains that day knows no more.
"""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from fraudshield.aggregate.payment_history import microseconds
from fraudshield.errors import InvalidInput
from fraudshield.predictor.columns import Booleans
from model.quantile import Integers
from model.table.table import PaymentTable, Rows

TEST = 0.2  # of the usable rows are judged by
TRAIN, TUNE = 0.65, 0.15  # of those before the gap; the rest calibrates
DAY_US = 86_400_000_000
FEWEST_FRAUDS = {"train": 50, "tune": 10, "calibrate": 25, "test": 25}
MOST_GAP = 0.3  # of the time before the test: a longer gap leaves too little to learn from


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Rows of each part, in the order of time, and when the test begins. `defrauded` were left out of it."""

    train: Rows
    tune: Rows
    calibrate: Rows
    test: Rows
    test_from: int
    gap: timedelta
    unseen: Booleans  # of the test's rows: of accounts that no earlier row has
    defrauded: int
    fraud: Booleans  # by row of the table: as was known when the test began, in the test as is known now


def split(table: PaymentTable, gap: timedelta) -> Split:
    """The parts of a table's usable rows.

    Raises:
        InvalidInput: there are too few rows or frauds for a part; it says in which.
    """
    usable = np.flatnonzero(table.truth.usable)
    if not len(usable):
        raise InvalidInput(_unusable(table), code="too_few_rows")
    times = table.occurred_at[usable]
    test_from = int(times[min(int(len(usable) * (1 - TEST)), len(usable) - 1)])
    gap_us = microseconds(gap)
    if gap_us > MOST_GAP * (test_from - int(times[0])):
        days = (test_from - int(times[0])) / DAY_US
        says = f"A gap of {gap_us / DAY_US:g} days for late labels is too long for the {days:.1f} days before the test"
        raise InvalidInput(f"{says}; expected more payments, or a shorter --gap", code="too_few_rows")
    before = usable[times < test_from - gap_us]
    cuts = [_between(table.occurred_at[before], share) for share in (TRAIN, TRAIN + TUNE)]
    train, tune, calibrate = np.split(before, cuts)
    test = usable[times >= test_from]
    fraud = np.where(table.occurred_at < test_from, table.truth.known(test_from - 1), table.truth.fraud)
    known = _defrauded(table, test_from)
    left_out = known[test]
    test = test[~left_out]
    made = Split(train, tune, calibrate, test, test_from, gap, _unseen(table, before, test), int(left_out.sum()), fraud)
    _expect_frauds(made)
    return made


def _between(times: Integers, share: float) -> int:
    """Where a part begins: no two payments of one time stand on both sides."""
    return int(np.searchsorted(times, times[min(int(len(times) * share), len(times) - 1)])) if len(times) else 0


def _defrauded(table: PaymentTable, at_us: int) -> Booleans:
    senders = table.senders()
    known = {*senders[table.truth.known(at_us)].tolist()} - {None}
    return np.fromiter((one in known for one in senders.tolist()), np.bool_, len(table))


def _unseen(table: PaymentTable, before: Rows, test: Rows) -> Booleans:
    senders = table.senders()
    seen = {*senders[before].tolist()}
    return np.fromiter((one is not None and one not in seen for one in senders[test].tolist()), np.bool_, len(test))


def _expect_frauds(made: Split) -> None:
    for name, least in FEWEST_FRAUDS.items():
        rows: Rows = getattr(made, name)
        frauds = int(made.fraud[rows].sum())
        if frauds < least:
            says = f"{frauds} frauds in the {len(rows):,} rows to {name}, expected {least} or more"
            raise InvalidInput(f"Too few frauds to learn from: {says}", code="too_few_rows")
        if frauds == len(rows):
            says = (
                f"all {len(rows):,} rows to {name} are fraud; a file of chargebacks alone needs the other payments too"
            )
            raise InvalidInput(f"Nothing to tell fraud from: {says}", code="too_few_rows")


def _unusable(table: PaymentTable) -> str:
    if table.truth.old_enough is None:
        return (
            "No row has a label, and the event type does not say after how long a payment that nobody reported is "
            'genuine; expected labels, or label: {genuine_after: "90d"} in the type'
        )
    after = table.event_type.genuine_after
    days = after / timedelta(days=1) if after else 0
    return (
        f"Every payment is younger than the {days:g} days after which one that nobody reported counts as genuine; "
        "expected older ones, or --as-of with the day on which the labels were read"
    )
