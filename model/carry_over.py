"""How a model of simulated payments does on a look-alike of PaySim, which keeps the artefacts that it was not shown."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fraudshield.expression.matrix import matrix
from fraudshield.predictor.columns import risk
from model.baseline import one_line
from model.faithful import faithful
from model.fitting.artifact import FittedModel
from model.judgement import measure
from model.judgement.jackknife import Bounds, LeaveOut
from model.judgement.measure import TestRows
from model.simulated import payment_table

ROWS = 500_000
SEED = 20261102
DAYS = 31.0
DATA = f"a look-alike of PaySim with its artefacts, {ROWS} rows, seed {SEED}"


@dataclass(frozen=True, slots=True, eq=False)
class CarryOver:
    """By score and measure, and at the thresholds that the training proposed."""

    scores: Mapping[str, Mapping[str, Bounds]]
    at_thresholds: Mapping[str, Bounds | float]

    def metrics(self) -> dict[str, object]:
        """For the manifest."""
        found = {name: {one: each.plain for one, each in some.items()} for name, some in self.scores.items()}
        at = {name: one.plain for name, one in self.at_thresholds.items() if isinstance(one, Bounds)}
        return {"data": DATA, "scores": found, "at_thresholds": at}


def carried_over(fitted: FittedModel) -> CarryOver:
    """Beside it the one line that solves PaySim. A theft's two payments are left out together."""
    ledger = faithful(ROWS, SEED)
    table = payment_table(ledger)
    features = matrix(fitted.features.features.components, table.fields, len(table))
    risks = risk(fitted.cuts, fitted.grown.margins(features))
    incidents = [one or None for one in table.beside["incident"]]
    leave_out = LeaveOut.of(incidents, table.senders().tolist(), ledger.fraud)
    others = {"one_line_rule": one_line(ledger.dataset().columns)}
    rows = TestRows(risks, ledger.fraud, table.amounts(), np.ones(len(table)), others, leave_out, DAYS)
    return CarryOver(measure.scores(rows), measure.at_thresholds(rows, fitted.thresholds, None))
