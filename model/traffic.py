"""`python -m model.traffic [FILE]`: the shipped model on other traffic, at its thresholds and at ones proposed from it.

Thresholds are proposed as the API proposes them: from the risks alone, nobody's truth being known.
"""

import csv
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fraudshield.backtest.proposal.traffic import StoredRisk, proposed
from fraudshield.batch.classifier import margins
from fraudshield.event_type.payment import MERCHANT_PREFIX
from fraudshield.expression.matrix import matrix
from fraudshield.policy.threshold import Thresholds
from fraudshield.predictor.artifact import Model, load
from fraudshield.predictor.columns import Floats, risk
from model.dataset import Columns, Dataset
from model.faithful import faithful
from model.feature import TYPE_RANK

ARTIFACT = Path(__file__).parent / "artifact" / "model"
BUDGET = 0.005  # what people can review, as `fraudshield model propose` takes it
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


def at_both(model: Model, data: Dataset, shipped: Thresholds) -> tuple[Caught, Caught]:
    """At the thresholds that it ships with, and at those that follow this traffic."""
    risks = risk(
        np.asarray(model.cuts), margins(model)(matrix(model.features.components, data.columns.fields(), len(data)))
    )
    rows = [StoredRisk(*one) for one in zip(risks.tolist(), data.columns.amount.tolist(), strict=True)]
    return _caught(data, risks, shipped), _caught(data, risks, proposed(rows, BUDGET, shipped).thresholds)


def read_csv(path: Path) -> Dataset:
    """A CSV with PaySim's columns, in its order."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = [*csv.DictReader(file)]
    rank = np.array([float(TYPE_RANK[one["type"]]) for one in rows])
    amount, origin, destination = (
        np.array([float(one[name]) for one in rows]) for name in ("amount", "oldbalanceOrg", "oldbalanceDest")
    )
    merchant = np.array([one["nameDest"].startswith(MERCHANT_PREFIX) for one in rows])
    step, fraud = (np.array([int(one[name]) for one in rows], np.int64) for name in ("step", "isFraud"))
    return Dataset(Columns(rank, amount, origin, destination, merchant), step, fraud == 1)


def _caught(data: Dataset, risks: Floats, at: Thresholds) -> Caught:
    flagged, blocked = risks >= float(at.review), risks >= float(at.block)
    recall = float(flagged[data.fraud].mean()) if data.fraud.any() else 0.0
    return Caught(at, recall, float(flagged.mean()), float(blocked.mean()))


def main(arguments: list[str]) -> None:
    """Prints both."""
    model = load(ARTIFACT)
    data = read_csv(Path(arguments[0])) if arguments else faithful(ROWS, SEED).dataset()
    before, after = at_both(model, data, model.thresholds)
    lines = (f"{len(data):,} payments, {int(data.fraud.sum()):,} frauds", f"shipped:  {before}", f"proposed: {after}")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
