"""What a model of payments has to be compared with beside all others: the one line that solves PaySim."""

import numpy as np

from fraudshield.predictor.columns import Floats
from model.dataset import Columns
from model.feature import TYPE_RANK

CAP = 10_000_000.0  # the most that a PaySim fraud takes at once


def one_line(columns: Columns) -> Floats:
    """1 where a TRANSFER or CASH_OUT takes exactly everything, or PaySim's cap out of more; else 0."""
    leaves = np.isin(columns.type_rank, (TYPE_RANK["TRANSFER"], TYPE_RANK["CASH_OUT"]))
    everything = (columns.amount == columns.origin_balance) & (columns.origin_balance > 0)
    capped = (columns.amount == CAP) & (columns.origin_balance >= CAP)
    return np.where(leaves & (everything | capped), 1.0, 0.0)
