"""`python -m model.traffic [FILE]`: the shipped model on other traffic, at its thresholds and at ones proposed from it.

Thresholds are proposed as the API proposes them: from the risks alone, nobody's truth being known.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fraudshield.backtest.proposal.traffic import StoredRisk, proposed
from fraudshield.batch.classifier import margins
from fraudshield.event_type.payment import BUILT_IN
from fraudshield.expression.matrix import matrix
from fraudshield.policy.threshold import Thresholds
from fraudshield.predictor.artifact import Model, load
from fraudshield.predictor.columns import Booleans, Floats, risk
from model.faithful import faithful
from model.simulated import payment_table
from model.table.reading import Asked, read_table
from model.table.table import PaymentTable

ARTIFACT = Path(__file__).parent / "artifact" / "model"
BUDGET = 0.005  # what people can review, as `fraudshield model propose` takes it
LABELLED = Asked("isFraud")  # in PaySim's columns
ROWS, SEED = 500_000, 23  # of PaySim's look-alike, where no file is given


@dataclass(frozen=True, slots=True)
class Caught:
    """What thresholds catch and flag, as shares of frauds and of payments."""

    thresholds: Thresholds
    recall: float
    flagged: float
    blocked: float

    def __str__(self) -> str:
        at = f"review from {self.thresholds.review:g}, block from {self.thresholds.block:g}"
        return f"{at}: recall {self.recall:.3f}, {self.flagged:.2%} flagged, {self.blocked:.2%} blocked"


def at_both(model: Model, table: PaymentTable, shipped: Thresholds) -> tuple[Caught, Caught]:
    """At the thresholds that it ships with, and at those that follow this traffic."""
    features = matrix(model.features.components, table.fields, len(table))
    risks = risk(np.asarray(model.cuts), margins(model)(features))
    rows = [StoredRisk(*one) for one in zip(risks.tolist(), table.amounts().tolist(), strict=True)]
    fraud = table.truth.fraud
    return _caught(fraud, risks, shipped), _caught(fraud, risks, proposed(rows, BUDGET, shipped).thresholds)


def _caught(fraud: Booleans, risks: Floats, at: Thresholds) -> Caught:
    flagged, blocked = risks >= float(at.review), risks >= float(at.block)
    recall = float(flagged[fraud].mean()) if fraud.any() else 0.0
    return Caught(at, recall, float(flagged.mean()), float(blocked.mean()))


def main(arguments: list[str]) -> None:
    """Prints both."""
    model = load(ARTIFACT)
    table = read_table(Path(arguments[0]), BUILT_IN, LABELLED) if arguments else payment_table(faithful(ROWS, SEED))
    before, after = at_both(model, table, model.thresholds)
    lines = (
        f"{len(table):,} payments, {int(table.truth.fraud.sum()):,} frauds",
        f"shipped:  {before}",
        f"proposed: {after}",
    )
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
