"""Fixtures of the tests that take minutes: the model room's own."""

from tests.model.conftest import classifier, model

__all__ = ["classifier", "model"]
