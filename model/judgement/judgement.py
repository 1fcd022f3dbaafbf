"""The judgement on a training: every figure on the test's rows, twice, and what stands beside it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from fraudshield.errors import InvalidInput
from fraudshield.predictor.columns import Booleans, Floats
from model.fitting.training import Training, monotone_of
from model.fitting.trees import Rowset, of_shape, sampled
from model.judgement import curve, measure
from model.judgement.jackknife import FEWEST, Bounds, LeaveOut
from model.judgement.measure import TestRows
from model.judgement.part import Part, parts

LOGISTIC_ROWS = 60_000
DAY_US = 86_400_000_000
PROTOCOL = (
    "split by time: every figure is on the payments of the last part, which neither trees nor calibration nor "
    "thresholds have seen; payments of accounts that were known as defrauded when it begins are left out; intervals "
    "hold 95 %, by leaving out one incident (or account) or group of them at a time, with Student's t; payments of "
    "equal score are alerted in random order"
)


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """All of it: the rows with their scores, the figures by score and measure, and those of unseen accounts."""

    rows: TestRows
    scores: Mapping[str, Mapping[str, Bounds]]
    gains: Mapping[str, Bounds]
    calibration: Mapping[str, Bounds]
    at_thresholds: Mapping[str, Bounds | float]
    unseen: TestRows
    unseen_scores: Mapping[str, Mapping[str, Bounds]]
    unseen_calibration: Mapping[str, Bounds]
    unseen_at_thresholds: Mapping[str, Bounds | float]
    parts: list[Part]
    curves: Mapping[str, Any]


def judged(
    training: Training,
    incident: str | None = None,
    oracle: str | None = None,
    beside: Mapping[str, Floats] | None = None,
) -> Judgement:
    """`incident` names the column that says which payments are of one theft, `oracle` what a simulator knew.

    `beside` are further scores of all rows of the table, which the model is compared with.
    """
    split, table = training.split, training.table
    test = split.test
    others = {**_without_history(training), "logistic_regression": _logistic(training)}
    others |= {name: scores[test] for name, scores in (beside or {}).items()}
    others["amount_alone"] = table.amounts()[test]
    if oracle is not None:
        others["ceiling"] = _numbers(training, oracle)
    fraud, senders = split.fraud[test], table.senders()[test].tolist()
    named = [table.beside[incident][at] or None for at in test.tolist()] if incident else [None] * len(test)
    days = max(1e-9, (table.occurred_at[test[-1]] - table.occurred_at[test[0]]) / DAY_US)
    leave_out = LeaveOut.of(named, senders, fraud)
    rows = TestRows(training.risk[test], fraud, table.amounts()[test], table.weight[test], others, leave_out, days)
    unseen, few = rows.where(split.unseen), int(fraud[split.unseen].sum()) < FEWEST
    thresholds, costs = training.fitted.thresholds, training.options.costs
    return Judgement(
        rows,
        measure.scores(rows),
        measure.gains(rows),
        measure.expected_over_observed(rows),
        measure.at_thresholds(rows, thresholds, costs),
        unseen,
        {} if few else measure.scores(unseen),
        {} if few else measure.expected_over_observed(unseen),
        {} if few else measure.at_thresholds(unseen, thresholds, costs),
        parts(table, test, rows, thresholds),
        _curves(rows, training),
    )


def metrics(training: Training, judgement: Judgement) -> dict[str, Any]:
    """For the manifest: as that of the shipped model, and what a page needs to draw the report's curves."""
    rows = judgement.rows
    return {
        "protocol": PROTOCOL,
        "test": _test(rows) | {"defrauded_left_out": training.split.defrauded, "days": round(rows.days, 2)},
        "split": {name: len(getattr(training.split, name)) for name in ("train", "tune", "calibrate", "test")}
        | {"gap_days": training.split.gap.total_seconds() / 86_400},
        "scores": _plain(judgement.scores),
        "gains": {name: one.plain for name, one in judgement.gains.items()},
        "expected_over_observed": {name: one.plain for name, one in judgement.calibration.items()},
        "at_thresholds": _figures(judgement.at_thresholds),
        "unseen_accounts": _test(judgement.unseen)
        | {"scores": _plain(judgement.unseen_scores), "at_thresholds": _figures(judgement.unseen_at_thresholds)}
        | {"expected_over_observed": {name: one.plain for name, one in judgement.unseen_calibration.items()}},
        "parts": [asdict(one) for one in judgement.parts],
        "curves": judgement.curves,
        "incidents": rows.leave_out.incidents,
        "budget": str(training.options.budget),
        "costs": str(training.options.costs) if training.options.costs else None,
        "prior": training.options.prior,
        "accepted_leaks": sorted(one.name for one in training.leaks),
        "search": [
            {**asdict(shape), "trees": trees, "tune_loss": float(f"{loss:.6g}")}
            for shape, trees, loss in training.fitted.grown.tried
        ],
    }


def _without_history(training: Training) -> dict[str, Floats]:
    """The same trees without the features that read earlier payments; nothing where no feature does, or all do."""
    kept: Booleans = ~training.features.history
    if kept.all() or not kept.any():
        return {}
    train, tune = (_of(training.rowset(rows), kept) for rows in (training.split.train, training.split.tune))
    monotone = [one for one, some in zip(monotone_of(training.features), kept.tolist(), strict=True) if some]
    classifier = of_shape(training.fitted.grown.shape, train, tune, monotone)
    with threadpool_limits(1):
        found = classifier.predict_proba(training.features.values[training.split.test][:, kept])[:, 1]
    return {"without_history": found}


def _of(rows: Rowset, kept: Booleans) -> Rowset:
    return Rowset(rows.features[:, kept], rows.fraud, rows.weight)


def _logistic(training: Training) -> Floats:
    """A regression on the ranks of the features' values: it knows no steps and no meeting of two features."""
    rows = sampled(training.rowset(training.split.train), LOGISTIC_ROWS)
    test = training.features.values[training.split.test]
    parts = [_standing(rows.features, values) for values in (rows.features, test)]
    line = LogisticRegression(solver="newton-cholesky")
    with threadpool_limits(1):
        line.fit(parts[0], rows.fraud, sample_weight=rows.weight)
        return np.asarray(line.predict_proba(parts[1])[:, 1], np.float64)


def _standing(known: Floats, values: Floats) -> Floats:
    """Where each value stands among the known ones of its feature, from 0 to 1, and whether it is missing."""
    found = []
    for column, asked in zip(known.T, values.T, strict=True):
        there = np.sort(column[~np.isnan(column)])
        place = np.searchsorted(there, asked) / max(1, len(there))
        found += [np.where(np.isnan(asked), 0.5, place), np.isnan(asked).astype(np.float64)]
    return np.column_stack(found)


def _numbers(training: Training, name: str) -> Floats:
    cells = training.table.beside[name]
    try:
        return np.array([float(cells[at]) for at in training.split.test.tolist()], np.float64)
    except ValueError as exc:
        raise InvalidInput(f"The column {name} should have a number in every row: {exc}") from exc


def _curves(rows: TestRows, training: Training) -> dict[str, Any]:
    each = {"model": rows.risk, **rows.others}
    found: dict[str, Any] = {
        "precision_recall": {name: curve.precision_recall(score, rows) for name, score in each.items()},
        "caught_by_share_flagged": {name: curve.caught(score, rows) for name, score in each.items()},
        "reliability": curve.reliability(rows),
    }
    if (costs := training.options.costs) is not None:
        found["cost_a_day_by_share_reviewed"] = curve.costs_by_share(rows, costs)
    return found


def _test(rows: TestRows) -> dict[str, Any]:
    size = len(rows.fraud)
    prevalence = float(np.average(rows.fraud, weights=rows.weight)) if size else 0.0
    return {"rows": size, "frauds": int(rows.fraud.sum()), "prevalence": round(prevalence, 6)}


def _plain(found: Mapping[str, Mapping[str, Bounds]]) -> dict[str, dict[str, Any]]:
    return {name: {one: bounds.plain for one, bounds in measures.items()} for name, measures in found.items()}


def _figures(found: Mapping[str, Bounds | float]) -> dict[str, Any]:
    return {name: one.plain if isinstance(one, Bounds) else float(f"{one:.5g}") for name, one in found.items()}
