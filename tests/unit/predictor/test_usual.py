"""Reasons are relative to payments of the same category, and still add up to the margin."""

from collections.abc import Callable
from dataclasses import replace
from math import nan

import pytest

from fraudshield.predictor.artifact import Model, load
from fraudshield.predictor.explainer import Explainer
from fraudshield.predictor.forest import margin, risk
from fraudshield.predictor.predictor import ModelPredictor
from fraudshield.predictor.usual import UsualContributions
from fraudshield.transaction.built_in import BuiltInTransaction
from model.feature import TYPE_RANK
from model.simulator import transactions
from tests.fakes import NOW
from tests.model.feature import FEATURE_NAMES
from tests.stack import ROOT

Make = Callable[..., BuiltInTransaction]
MODEL = load(ROOT / "model" / "artifact" / "model")
ALL = replace(MODEL, usual=None)
EXPLAINER = Explainer(MODEL.forest, len(FEATURE_NAMES))


@pytest.fixture(scope="module")
def flagged() -> list[tuple[float, ...]]:
    rows = [tuple(row) for row in transactions(60_000, 78).dataset().features().tolist()]
    return [row for row in rows if risk(MODEL.cuts, margin(MODEL.forest, row)) >= 0.0279]


def first_reasons(model: Model, rows: list[tuple[float, ...]], made: BuiltInTransaction) -> list[str | None]:
    predictor = ModelPredictor(model, NOW)
    return [predictor.explain(made, row).reasons[0].feature for row in rows]


def test_the_type_leads_the_reasons_of_hardly_any_payment(flagged: list[tuple[float, ...]], transaction: Make) -> None:
    made = transaction()
    assert len(flagged) > 150
    relative, to_all = (first_reasons(model, flagged, made) for model in (MODEL, ALL))
    assert to_all.count("type") > 0.9 * len(flagged)  # what it is held against
    assert relative.count("type") < 0.05 * len(flagged)


def test_base_and_contributions_add_up_to_the_margin_for_every_category(
    flagged: list[tuple[float, ...]], transaction: Make
) -> None:
    predictor, made = ModelPredictor(MODEL, NOW), transaction()
    for row in flagged[:20]:
        for rank in TYPE_RANK.values():
            of_type = (rank, *row[1:])
            why = predictor.explain(made, of_type)
            assert why.base is not None
            assert why.base + sum(one.contribution for one in why.contributions) == pytest.approx(
                margin(MODEL.forest, of_type), abs=1e-9
            )


def test_every_category_of_the_shipped_model_has_its_own_base() -> None:
    assert MODEL.usual is not None
    bases = {rank: MODEL.usual.relative((rank, *(0.0,) * 7), EXPLAINER.base, (0.0,) * 8)[0] for rank in range(5)}
    assert len({*bases.values()}) > 2
    assert bases[int(TYPE_RANK["TRANSFER"])] == max(bases.values())


@pytest.mark.parametrize("rank", [2.0, nan])
def test_a_category_that_training_did_not_know_keeps_reasons_relative_to_all_payments(rank: float) -> None:
    usual = UsualContributions(0, {1.0: (0.5, -0.25)})
    assert usual.relative((rank, 7.0), 1.0, [2.0, 3.0]) == (1.0, (2.0, 3.0))
    assert usual.relative((1.0, 7.0), 1.0, [2.0, 3.0]) == (1.25, (1.5, 3.25))
