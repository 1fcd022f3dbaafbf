"""Reading `model.json`: trees of lists become trees of tuples, and whatever is off is refused."""

import json
from math import isfinite
from typing import Any

from fraudshield.errors import ModelRefused
from fraudshield.predictor.forest import MOST_ON_A_PATH, Forest, Tree


def forest_of(raw: bytes, features: int) -> Forest:
    """The trees of `model.json`, which read so many features. Raises ModelRefused."""
    try:
        content = json.loads(raw)
        covers: list[tuple[int, ...]] = []
        trees = tuple(_tree(tree, covers, features) for tree in content["trees"])
        return Forest(_finite(content["baseline"]), trees, tuple(covers))
    except (KeyError, TypeError, ValueError, RecursionError) as exc:
        raise ModelRefused(f"model.json is malformed: {type(exc).__name__}: {exc}") from exc


def _tree(tree: Any, covers: list[tuple[int, ...]], features: int) -> Tree:
    leaves: list[int] = []
    try:
        root = _node(tree, leaves, features, frozenset())
    except (TypeError, ValueError) as exc:
        raise ValueError(f"tree {len(covers)}: {exc}") from exc
    covers.append(tuple(leaves))
    return root


def _node(node: Any, covers: list[int], features: int, above: frozenset[int]) -> Tree:
    """A leaf is [value, cover], an inner node [feature, threshold, left, right, missing goes left]."""
    if len(node) == 2:
        value, cover = node
        if type(cover) is not int or cover < 1:
            raise ValueError(f"a leaf covers {cover!r} rows, expected 1 or more")
        covers.append(cover)
        return _finite(value)
    feature, threshold, left, right, missing_left = node
    if type(feature) is not int or not 0 <= feature < features:
        raise ValueError(f"feature {feature!r}, expected 0 to {features - 1}")
    if type(missing_left) is not bool:
        raise ValueError(f"missing goes left: {missing_left!r}, expected true or false")
    if len(path := above | {feature}) > MOST_ON_A_PATH:
        raise ValueError(f"more than {MOST_ON_A_PATH} features are tested on the way to a leaf")
    at = _finite(threshold)
    return (feature, at, _node(left, covers, features, path), _node(right, covers, features, path), missing_left)


def _finite(number: Any) -> float:
    if type(number) is not float or not isfinite(number):
        raise ValueError(f"{number!r}, expected a finite number with a point")
    return number
