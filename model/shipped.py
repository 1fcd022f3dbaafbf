"""The model that is shipped: what it is trained on, and how. All else is as for any other model."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from model.fitting.features import feature_table
from model.fitting.split import split
from model.fitting.training import Training, TrainingOptions, train, trees
from model.fitting.trees import Grown, Shape
from model.ledger import Ledger
from model.simulated import payment_table
from model.simulator import transactions
from model.table.table import PaymentTable

VERSION = "2026.12.1"
TRAINED_AT = "2026-12-01T00:00:00Z"  # of this version, not of the run: two runs write the same bytes
ROWS = 3_000_000  # a hundred and fifty campaigns: of fewer each part of the time has its own share of fraud
SEED = 20261101
# Flat and few trees, found when the first version was trained: deeper ones gained nothing on rows that were not
# trained on, and every one of them costs time where each payment waits.
SHAPE = Shape(learning_rate=0.05, max_leaf_nodes=16, max_depth=5, min_samples_leaf=200, l2_regularization=10.0)
GAP = timedelta(days=4)  # by then four reports of five are in
OPTIONS = TrainingOptions(gap=GAP, shapes=(SHAPE,), most_trees=100)
ADVANCES = 4  # how often `advance` is called


def shipped_ledger() -> Ledger:
    """What it is trained on; takes about 10 s."""
    return transactions(ROWS, SEED)


def shipped_training(table: PaymentTable, advance: Callable[[], object]) -> Training:
    """The whole training on that."""
    made = train(table, OPTIONS, advance)
    data = {**made.fitted.data, "source": f"model.simulator.transactions(rows={ROWS}, seed={SEED})"}
    return replace(made, fitted=replace(made.fitted, version=VERSION, trained_at=TRAINED_AT, data=data))


def shipped_trees() -> Grown:
    """The trees alone, which take a part of the time."""
    table = payment_table(shipped_ledger())
    parts = split(table, GAP)
    return trees(table, parts, feature_table(table, parts.train, parts.fraud), OPTIONS, lambda: None)
