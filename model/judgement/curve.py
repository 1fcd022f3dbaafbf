"""The curves of a report, in as many points as an eye can tell apart."""

from collections.abc import Sequence

import numpy as np

from fraudshield.backtest.proposal.budget import Costs
from fraudshield.predictor.columns import Booleans, Floats
from model.judgement.measure import TestRows

POINTS = 80
BINS = 12
SHARES = np.geomspace(0.0002, 0.2, 40)  # of the payments that are flagged, the riskiest first
Curve = list[list[float]]


def precision_recall(score: Floats, rows: TestRows) -> Curve:
    """[recall, precision], from the riskiest payment down; rows of one score are one point."""
    order = np.argsort(-score, kind="stable")
    ends = np.flatnonzero(np.diff(score[order], append=-np.inf))
    payments = np.cumsum(rows.weight[order])[ends]
    frauds = np.cumsum((rows.weight * rows.fraud)[order])[ends]
    recall, precision = frauds / max(frauds[-1], 1e-12), frauds / payments
    at = np.unique(np.searchsorted(recall, np.linspace(recall[0], 1.0, POINTS)).clip(0, len(recall) - 1))
    return rounded([np.append(0.0, recall[at]), np.append(precision[at[0]], precision[at])])


def reliability(rows: TestRows) -> Curve:
    """[mean risk, share of fraud, payments] of bins of about as many frauds that the risks add up to."""
    order = np.argsort(rows.risk, kind="stable")
    expected = np.cumsum((rows.risk * rows.weight)[order])
    edges = np.searchsorted(expected, np.linspace(0, expected[-1], BINS + 1)[1:-1])
    edges = np.unique(np.searchsorted(rows.risk[order], rows.risk[order][edges.clip(0, len(order) - 1)]))
    found = []
    for part in np.split(order, edges):
        weight = rows.weight[part]
        if weight.sum():
            found.append(
                [
                    np.average(rows.risk[part], weights=weight),
                    np.average(rows.fraud[part], weights=weight),
                    weight.sum(),
                ]
            )
    return rounded(list(np.array(found).T)) if found else []


def caught(score: Floats, rows: TestRows) -> Curve:
    """[share of payments flagged, share of frauds caught, share of their money] where so many may be flagged."""
    order = np.argsort(-score, kind="stable")
    payments, frauds, money = (
        np.append(0.0, np.cumsum(one[order]))
        for one in (rows.weight, rows.weight * rows.fraud, rows.weight * rows.fraud * rows.amount)
    )
    shares = payments / payments[-1]
    each = (np.interp(SHARES, shares, one / max(one[-1], 1e-12)) for one in (frauds, money))
    return rounded([SHARES, *each])


def costs_by_share(rows: TestRows, costs: Costs) -> Curve:
    """[share of payments reviewed, what a day costs then] with nothing blocked."""
    order = np.argsort(-rows.risk, kind="stable")
    payments = np.append(0.0, np.cumsum(rows.weight[order]))
    stolen = np.append(0.0, np.cumsum((rows.weight * rows.fraud * rows.amount)[order]))
    each = costs.review * payments + costs.lost * (stolen[-1] - stolen)
    return rounded([SHARES, np.interp(SHARES, payments / payments[-1], each) / rows.days])


def rounded(columns: Sequence[Floats | Booleans]) -> Curve:
    """Points of these coordinates, to five digits."""
    return [[float(f"{value:.5g}") for value in point] for point in zip(*columns, strict=True)]
