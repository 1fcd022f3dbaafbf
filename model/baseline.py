"""What a model has to be compared with: the one line that solves PaySim, and a logistic regression."""

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from fraudshield.predictor.columns import Floats
from model.dataset import Columns, Dataset
from model.feature import TYPE_RANK

CAP = 10_000_000.0  # the most that a PaySim fraud takes at once


def one_line(columns: Columns) -> Floats:
    """1 where a TRANSFER or CASH_OUT takes exactly everything, or PaySim's cap out of more; else 0."""
    leaves = np.isin(columns.type_rank, (TYPE_RANK["TRANSFER"], TYPE_RANK["CASH_OUT"]))
    everything = (columns.amount == columns.origin_balance) & (columns.origin_balance > 0)
    capped = (columns.amount == CAP) & (columns.origin_balance >= CAP)
    return np.where(leaves & (everything | capped), 1.0, 0.0)


def logistic(dataset: Dataset) -> Pipeline:
    """A logistic regression on the types and on what the features say, in logarithms."""
    model = make_pipeline(StandardScaler(), LogisticRegression(solver="newton-cholesky"))
    return model.fit(logistic_inputs(dataset.columns), dataset.fraud)


def logistic_inputs(columns: Columns) -> Floats:
    """One column a type, the logarithms of the money, the share of the balance (10 at most), and the exact drain."""
    types = [columns.type_rank == rank for rank in TYPE_RANK.values()]
    money = [
        np.log1p(np.maximum(0, each)) for each in (columns.amount, columns.origin_balance, columns.destination_balance)
    ]
    share = np.minimum(10, columns.amount / np.maximum(0.01, columns.origin_balance))
    return np.column_stack([*types, *money, share, columns.amount == columns.origin_balance]).astype(np.float64)
