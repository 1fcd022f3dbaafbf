"""The whole run: a dataset in, the artifact and its measured worth out."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from fraudshield.predictor.columns import Floats
from fraudshield.predictor.reference import Histogram
from model.baseline import logistic, logistic_inputs, one_line
from model.dataset import Dataset
from model.drift import reference
from model.evaluate import PROTOCOL, Interval, evaluate
from model.faithful import faithful
from model.judgement import curve
from model.judgement.jackknife import LeaveOut
from model.judgement.measure import TestRows
from model.simulator import transactions
from model.train import Trained

ROWS = 2_000_000  # gives the trees about 1,400 frauds to learn from
SEED = 20261101
CARRY_OVER_ROWS = 500_000
CARRY_OVER_SEED = 20261102

Found = Mapping[str, Mapping[str, Interval]]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """By score and measure: on the test rows, and on the look-alike that keeps PaySim's artefacts."""

    test: Dataset
    found: Found
    carried_over: Found
    reference: Mapping[str, Histogram]
    curves: Mapping[str, Any]

    def metrics(self) -> dict[str, Any]:
        """For the manifest."""
        return {
            "protocol": PROTOCOL,
            "test": {
                "rows": len(self.test),
                "frauds": int(self.test.fraud.sum()),
                "prevalence": round(float(self.test.fraud.mean()), 6),
                "steps": [int(self.test.step[0]), int(self.test.step[-1])],
            },
            "scores": _plain(self.found),
            "curves": self.curves,
            "carried_over": {
                "data": f"a look-alike of PaySim with its artefacts, {CARRY_OVER_ROWS} rows, seed {CARRY_OVER_SEED}",
                "scores": _plain(self.carried_over),
            },
        }


def default_dataset() -> Dataset:
    """What the shipped model is trained on; takes about 4 s."""
    return transactions(ROWS, SEED).dataset()


def evaluation(dataset: Dataset, trained: Trained, advance: Callable[[], object]) -> Evaluation:
    """The model, PaySim's one line and a logistic regression on the same rows. `advance`: twice `RESAMPLES` times."""
    first, _, test = dataset.by_time()
    with threadpool_limits(1):
        regression = logistic(first)

    def scores(rows: Dataset) -> dict[str, Floats]:
        return {
            "model": trained.risk(rows),
            "one_line_rule": one_line(rows.columns),
            "logistic_regression": regression.predict_proba(logistic_inputs(rows.columns))[:, 1],
        }

    carry_over = faithful(CARRY_OVER_ROWS, CARRY_OVER_SEED).dataset()
    on_test = scores(test)
    return Evaluation(
        test,
        evaluate(on_test, test.fraud, test.columns.amount, advance),
        evaluate(scores(carry_over), carry_over.fraud, carry_over.columns.amount, advance),
        reference(test.features(), on_test["model"]),
        _curves(test, on_test),
    )


def _curves(test: Dataset, scores: Mapping[str, Floats]) -> dict[str, Any]:
    """What a page needs to draw how good the scores are, each payment an incident of its own."""
    each = np.arange(len(test))
    alone = LeaveOut(each, len(each), len(each))
    others = {name: one for name, one in scores.items() if name != "model"}
    weight, days = np.ones(len(test)), float(test.step[-1] - test.step[0] + 1) / 24
    rows = TestRows(scores["model"], test.fraud, test.columns.amount, weight, others, alone, days)
    return {
        "precision_recall": {name: curve.precision_recall(one, rows) for name, one in scores.items()},
        "reliability": curve.reliability(rows),
    }


def _plain(found: Found) -> dict[str, dict[str, dict[str, float]]]:
    return {name: {m: asdict(interval) for m, interval in measures.items()} for name, measures in found.items()}
