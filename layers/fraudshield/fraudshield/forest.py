"""The trained trees, and the walk that turns features into a margin: plain Python, float64."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

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
