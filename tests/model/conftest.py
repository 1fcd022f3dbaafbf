"""Fixtures of the tests of the model."""

import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from fraudshield.predictor.artifact import Model, load
from model.export import ARTIFACT
from tests.model.classifier import trained_classifier


@pytest.fixture(scope="session")
def classifier() -> HistGradientBoostingClassifier:
    return trained_classifier()


@pytest.fixture(scope="session")
def model() -> Model:
    return load(ARTIFACT / "model")
