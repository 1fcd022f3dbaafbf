"""Reference histograms: how the score and the features were distributed in training, to tell drift later."""

import numpy as np

from fraudshield.predictor.columns import Floats
from fraudshield.predictor.reference import Histogram

BINS = 10
RISK_EDGES = (0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3)  # deciles would be 0 mostly


def deciles(values: Floats) -> Floats:
    """Edges of about ten bins of equal shares, fewer where values repeat; every edge is a value that occurred."""
    edges = np.quantile(values, np.arange(1, BINS) / BINS, method="inverted_cdf")
    return np.unique(edges[edges < values.max()])


def histogram(values: Floats, edges: Floats) -> Histogram:
    """The shares of the values between these edges."""
    counts = np.bincount(np.searchsorted(edges, values, side="left"), minlength=len(edges) + 1)
    return Histogram(tuple(edges.tolist()), tuple(np.round(counts / len(values), 6).tolist()))
