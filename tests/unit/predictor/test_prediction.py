"""What predictors answer are values: equal by content, and nobody can change them."""

from dataclasses import FrozenInstanceError

import pytest

from fraudshield.predictor.prediction import Explanation, Prediction, Reason


def test_predictions_of_the_same_content_are_the_same() -> None:
    assert Prediction(0.5, "m-1", "model") == Prediction(0.5, "m-1", "model")
    assert Prediction(0.5, "m-1", "model") != Prediction(0.5, "m-1", "rules")


def test_an_answer_cannot_be_changed_afterwards() -> None:
    prediction = Prediction(0.5, "m-1", "model")
    with pytest.raises(FrozenInstanceError):
        prediction.risk = 0.0  # type: ignore[misc]


def test_a_reason_that_decides_by_itself_adds_nothing_to_a_margin() -> None:
    why = Explanation(reasons=(Reason("rule", "It fired"),))
    assert (why.reasons[0].contribution, why.margin, why.contributions) == (0.0, None, ())
