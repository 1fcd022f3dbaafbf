"""The model behind its port: the real artifact answers, explains and says what it is."""

from collections.abc import Callable
from pathlib import Path

import pytest

from fraudshield.predictor import artifact
from fraudshield.predictor.forest import STEPS, margin, risk
from fraudshield.predictor.predictor import ModelPredictor
from fraudshield.predictor.reason import LIMIT
from fraudshield.transaction.built_in import BuiltInTransaction
from tests.fakes import NOW
from tests.model.feature import FEATURE_NAMES, features

Make = Callable[..., BuiltInTransaction]
ARTIFACT = Path(__file__).parents[3] / "model/artifact/model"


@pytest.fixture(scope="module")
def predictor() -> ModelPredictor:
    return ModelPredictor(artifact.load(ARTIFACT), NOW)


@pytest.fixture
def drain(transaction: Make) -> BuiltInTransaction:
    """An account that is emptied into a fresh one."""
    return transaction(type="TRANSFER", amount=353874.22, oldbalanceOrg=353874.22, newbalanceOrig=0, nameDest="C1")


def test_a_risk_is_looked_up_from_the_margin(predictor: ModelPredictor, drain: BuiltInTransaction) -> None:
    values = features(drain)
    found = predictor.predict(drain, values)
    assert found.risk == risk(predictor.model.cuts, margin(predictor.model.forest, values))
    assert round(found.risk * STEPS) / STEPS == found.risk
    assert (found.source, found.model_version) == ("model", predictor.model.version)


def test_an_emptied_account_is_riskier_than_a_payment(
    predictor: ModelPredictor, transaction: Make, drain: BuiltInTransaction
) -> None:
    payment = transaction()
    assert predictor.predict(drain, features(drain)).risk > predictor.predict(payment, features(payment)).risk


def test_base_and_contributions_add_up_to_the_margin(predictor: ModelPredictor, drain: BuiltInTransaction) -> None:
    why = predictor.explain(drain, features(drain))
    assert why.base is not None
    assert why.base + sum(one.contribution for one in why.contributions) == pytest.approx(why.margin, abs=1e-9)
    assert len(why.contributions) == len(FEATURE_NAMES)
    assert 0 < len(why.reasons) <= LIMIT


def test_the_facts_are_the_artifacts(predictor: ModelPredictor) -> None:
    facts, model = predictor.facts, predictor.model
    assert facts.feature_columns == FEATURE_NAMES
    assert (facts.model_version, facts.sha256, facts.trained_at) == (model.version, model.sha256, model.trained_at)
    assert (facts.loaded_at, predictor.degraded) == (NOW, ())
