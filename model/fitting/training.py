"""The whole run over a table: leaks, trees, calibration, thresholds, and a judgement on payments that came later."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import numpy as np

from fraudshield.backtest.proposal.budget import Budget, Costs
from fraudshield.errors import InvalidInput
from fraudshield.predictor.columns import Floats, risk
from model.fitting.artifact import FittedModel
from model.fitting.features import FeatureTable, feature_table
from model.fitting.platt import platt
from model.fitting.proposal import CalibrationRows, proposed
from model.fitting.split import Split, split
from model.fitting.trees import MOST_TREES, SHAPES, Grown, Rowset, Shape, grown
from model.fitting.usual import usual_contributions
from model.leak.leak import Leak, expect_accepted, leaks
from model.table.table import PaymentTable, Rows

DAY_US = 86_400_000_000
STEPS = len(SHAPES) + 3  # how often `advance` is called


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """What is asked of a training: `prior` is the share of fraud in the traffic to come, where it is another."""

    budget: Budget = field(default_factory=Budget)
    costs: Costs | None = None
    prior: float | None = None
    gap: timedelta | None = None
    accepted: frozenset[str] = frozenset()
    shapes: tuple[Shape, ...] = SHAPES
    most_trees: int = MOST_TREES


class Leaking(InvalidInput):
    """The file or the event type tells the answer; `leaks` says where."""

    code = "leak"

    def __init__(self, leaks: list[Leak]) -> None:
        super().__init__("\n".join(f"{one.name}: {one.says}" for one in leaks))
        self.leaks = leaks


@dataclass(frozen=True, slots=True, eq=False)
class Training:
    """A model with the table, split and features that it came from. `risk` is every row's."""

    table: PaymentTable
    split: Split
    features: FeatureTable
    fitted: FittedModel
    risk: Floats
    leaks: tuple[Leak, ...]
    options: TrainingOptions

    def rowset(self, rows: Rows) -> Rowset:
        """These rows, as trees take them."""
        return _rowset(self.table, self.split, self.features, rows)


def train(table: PaymentTable, options: TrainingOptions, advance: Callable[[], object]) -> Training:
    """Trees from the first part, their shape and number by the second, risks and thresholds by the third.

    Raises:
        Leaking: with each leak that was not accepted.
        InvalidInput: too few frauds, nothing learnt, or no thresholds that make sense.
    """
    gap = table.event_type.labels_later if options.gap is None else options.gap
    parts = split(table, gap)
    features = feature_table(table, parts.train, parts.fraud)
    advance()
    found = leaks(table, parts, features)
    expect_accepted(found, options.accepted)
    if refused := [one for one in found if one.name not in options.accepted]:
        raise Leaking(refused)
    advance()
    made = trees(table, parts, features, options, advance)
    fitted, risks = _calibrated(table, parts, features, made, options)
    return Training(table, parts, features, fitted, risks, tuple(found), options)


def trees(
    table: PaymentTable, parts: Split, features: FeatureTable, options: TrainingOptions, advance: Callable[[], object]
) -> Grown:
    """The trees alone. `advance` is called once a shape, and once more."""
    train_on, tune_by = (_rowset(table, parts, features, rows) for rows in (parts.train, parts.tune))
    return grown(train_on, tune_by, monotone_of(features), advance, options.shapes, options.most_trees)


def monotone_of(features: FeatureTable) -> list[int]:
    """For each feature 1 where risk may only rise with it, -1 where only fall, and 0 where the type says nothing."""
    directions = {"rising": 1, "falling": -1}
    return [directions.get(one.monotone or "", 0) for one in features.entries]


def _calibrated(
    table: PaymentTable, parts: Split, features: FeatureTable, made: Grown, options: TrainingOptions
) -> tuple[FittedModel, Floats]:
    third = parts.calibrate
    margins = made.margins(features.values)
    fraud, weight = parts.fraud[third], table.weight[third]
    calibration = platt(margins[third], fraud, weight, options.prior)
    cuts = calibration.cuts()
    risks = risk(cuts, margins)
    days = max(1e-9, (table.occurred_at[third[-1]] - table.occurred_at[third[0]]) / DAY_US)
    share = options.budget.of(float(weight.sum()) / days)
    thresholds = proposed(CalibrationRows(risks[third], fraud, weight, table.amounts()[third]), share, options.costs)
    digest = digest_of(table, features)
    rows = np.flatnonzero(table.truth.usable)
    data = {
        "data_sha256": digest,
        "frauds": int(table.truth.fraud[rows].sum()),
        "from": _instant(int(table.occurred_at[rows[0]])),
        "rows": len(rows),
        "test_from": _instant(parts.test_from),
        "to": _instant(int(table.occurred_at[rows[-1]])),
        **({"selection": table.selection.plain} if table.selection else {}),
    }
    name = f"{table.event_type.name}-{digest[:12]}"
    usual = usual_contributions(made.classifier, features, parts.train)
    fitted = FittedModel(
        table.event_type, features, made, calibration, cuts, thresholds, data, name, str(data["to"]), usual
    )
    return fitted, risks


def digest_of(table: PaymentTable, features: FeatureTable) -> str:
    """sha256 over what was learnt from: the same payments, labels and features give the same one."""
    digest = sha256(table.event_type.digest.encode())
    columns = (table.occurred_at, table.truth.fraud, table.truth.labelled_at * table.truth.fraud, table.weight)
    for values in (*columns, table.truth.usable, features.values):
        digest.update(np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()


def _rowset(table: PaymentTable, parts: Split, features: FeatureTable, rows: Rows) -> Rowset:
    return Rowset(features.values[rows], parts.fraud[rows], table.weight[rows])


def _instant(at_us: int) -> str:
    return datetime.fromtimestamp(at_us // 1_000_000, UTC).isoformat().replace("+00:00", "Z")
