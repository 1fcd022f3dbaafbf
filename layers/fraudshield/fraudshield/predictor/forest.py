"""The trees as nested tuples, walked in plain Python; the risk of a margin, looked up."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

MOST_ON_A_PATH = 8  # features that are tested on the way to a leaf: each has a bit of the leaf's byte in explaining
STEPS = 10_000  # a risk is a whole number of these
Tree: TypeAlias = "float | Node"  # a leaf is the value it adds to the margin
Node: TypeAlias = tuple[int, float, "Tree", "Tree", bool]  # feature, threshold, left, right, missing goes left


@dataclass(frozen=True, slots=True)
class Forest:
    """Gradient-boosted trees: a row's margin is the baseline plus one leaf of every tree.

    `covers` has, for each tree, the number of training rows in each leaf from left to right; only
    explaining reads it.
    """

    baseline: float
    trees: tuple[Tree, ...]
    covers: tuple[tuple[int, ...], ...]


def margin(forest: Forest, features: Sequence[float]) -> float:
    """The log-odds of fraud before calibration.

    Adds in scikit-learn's own order and goes left on a tie, so the result is `decision_function`'s to the
    last bit. A missing value (NaN) goes where training would have sent it.
    """
    total = forest.baseline
    for tree in forest.trees:
        while isinstance(tree, tuple):
            feature, threshold, left, right, missing_left = tree
            value = features[feature]
            tree = left if value <= threshold or (missing_left and value != value) else right  # noqa: PLR0124, PLW2901
        total += tree
    return total


def risk(cuts: Sequence[float], margin: float) -> float:
    """0..1 in steps of 1/10000: the share of the `STEPS` ascending cuts that are at or below the margin.

    Comparisons only, because two exponential functions differ in the last bit.
    `fraudshield.predictor.columns.risk` is the same over columns and is held equal to this by a test.
    """
    return bisect_right(cuts, margin) / STEPS
