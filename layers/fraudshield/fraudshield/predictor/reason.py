"""Why a risk is high, in words: the features that added most to the margin."""

from collections.abc import Sequence
from dataclasses import replace
from math import isnan

from fraudshield.predictor.feature import ModelFeatures, Value
from fraudshield.predictor.prediction import Reason

LIMIT = 3


def reasons(
    features: ModelFeatures, contributions: Sequence[float], shown: Sequence[Value], limit: int = LIMIT
) -> tuple[Reason, ...]:
    """The features that raised the risk, largest contribution first, none that rounds to 0; ties in feature order."""
    found = []
    for feature, value, contribution in zip(features.each, shown, contributions, strict=True):
        if (rounded := round(contribution, 4)) > 0:
            found.append(Reason(feature.code, feature.says(value), feature.name, value, rounded))
    return tuple(sorted(found, key=lambda reason: -reason.contribution)[:limit])


def with_float(reason: Reason, features: ModelFeatures, numbers: Sequence[float]) -> Reason:
    """A reason as it was while amounts were shown as the nearest float64, which is how the model reads them."""
    if reason.feature is None:
        return reason
    at = features.names.index(reason.feature)
    value = None if isnan(numbers[at]) else numbers[at]
    return replace(reason, value=value, text=features.each[at].says(value))
