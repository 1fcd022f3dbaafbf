"""Fixtures of the tests that take minutes: those of the model's tests."""

from tests.model.conftest import classifier, model

__all__ = ["classifier", "model"]
