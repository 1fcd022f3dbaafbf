"""What each feature added to the margin, exactly.

The contributions are the Shapley values of path-dependent TreeSHAP (Lundberg et al., "From local explanations to
global understanding with explainable AI for trees", Nature Machine Intelligence 2, 2020, Algorithm 1), summed leaf
by leaf instead of by walking: what a leaf contributes depends only on which of the features on its path hold.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import factorial, inf, isnan, prod
from operator import getitem, xor

from fraudshield.predictor.forest import MOST_ON_A_PATH, Forest, Tree

# One sum over all leaves runs at C speed when a leaf's contributions are one integer: a fixed-point field for each
# feature, 64 bits behind the point, so cutting off over 3,000 leaves stays under 2e-16.
FIELD_BITS = 96
UNIT = float(1 << 64)
FIELD = (1 << FIELD_BITS) - 1
HALF = 1 << (FIELD_BITS - 1)
WEIGHTS = tuple(  # by path length d and coalition size k: k! (d - 1 - k)! / d!, Shapley's weight
    tuple(factorial(k) * factorial(d - 1 - k) / factorial(d) for k in range(d)) for d in range(MOST_ON_A_PATH + 1)
)


@dataclass(frozen=True, slots=True)
class _Span:
    """All tests of one feature on the way to a leaf: they hold in (above, at_most].

    `share` is the part of the training rows that passed, of those that reached each test.
    """

    above: float = -inf
    at_most: float = inf
    missing: bool = True
    share: float = 1.0


class _Leaf(dict[int, int]):
    """Packed contributions of one leaf by the bit mask of the spans that hold, worked out when first asked for."""

    def __init__(self, value: float, path: dict[int, _Span]) -> None:
        self.path = path
        self._value = value
        self._terms = [(1 << bit, span.share, FIELD_BITS * f) for bit, (f, span) in enumerate(path.items())]

    def __missing__(self, held: int) -> int:
        """The Shapley values, from the coefficients c_k of the product of (share + x) over the features that hold.

        A feature that holds sees the product without its own factor (divided out from the top); those that do not
        hold all get the same value.
        """
        weights = WEIGHTS[len(self._terms)]
        inside = [term for term in self._terms if held & term[0]]
        scale = self._value * prod(share for bit, share, _ in self._terms if not held & bit)
        product = [1.0]
        for _, share, _ in inside:
            product = [c * share + d for c, d in zip([*product, 0.0], [0.0, *product], strict=True)]
        packed = 0
        for _, share, shift in inside:
            quotient = 0.0
            total = 0.0
            for k in range(len(inside) - 1, -1, -1):
                quotient = product[k + 1] - share * quotient
                total += weights[k] * quotient
            packed += int(scale * (1.0 - share) * total * UNIT) << shift
        if len(inside) < len(self._terms):
            outside = int(-scale * sum(w * c for w, c in zip(weights, product, strict=False)) * UNIT)
            packed += sum(outside << shift for bit, _, shift in self._terms if not held & bit)
        self[held] = packed
        return packed

    def expectation(self) -> float:
        """What the leaf adds on average over the training rows."""
        return self._value * prod(span.share for span in self.path.values())


class Explainer:
    """Exact additive contributions of a forest's features, so many; `base` plus their sum is the margin, within 1e-9.

    The first explanation fills most tables (tens of milliseconds), later ones take well under a millisecond.
    The same features give the same contributions, to the bit, whatever was explained before.
    """

    def __init__(self, forest: Forest, features: int) -> None:
        self._features = features
        self._leaves = [
            leaf for tree, covers in zip(forest.trees, forest.covers, strict=True) for leaf in _leaves(tree, covers, {})
        ]
        self._spans = [_FeatureSpans(self._leaves, feature) for feature in range(features)]
        self.base = forest.baseline + sum(leaf.expectation() for leaf in self._leaves)

    def contributions(self, features: Sequence[float]) -> tuple[float, ...]:
        """What each feature added to the margin (log-odds before calibration), in the order of the features."""
        held = 0
        for value, spans in zip(features, self._spans, strict=True):
            held |= spans.holding(value)
        masks = held.to_bytes(len(self._leaves), "little")
        return tuple(_unpacked(sum(map(getitem, self._leaves, masks)), self._features))


class _FeatureSpans:
    """For one feature: which leaves' spans hold at a value, one byte a leaf, in one integer."""

    def __init__(self, leaves: Sequence[_Leaf], feature: int) -> None:
        tested = [
            (at, 1 << list(leaf.path).index(feature), leaf.path[feature])
            for at, leaf in enumerate(leaves)
            if feature in leaf.path
        ]
        ends = {end for _, _, span in tested for end in (span.above, span.at_most)}
        self._cuts = sorted(ends - {-inf, inf})
        rank = {cut: rank for rank, cut in enumerate(self._cuts)} | {-inf: -1, inf: len(self._cuts)}
        toggles = [bytearray(len(leaves)) for _ in range(len(self._cuts) + 2)]
        missing = bytearray(len(leaves))
        for at, bit, span in tested:
            if span.above < span.at_most:  # else the tests contradict each other and no value passes them all
                toggles[rank[span.above] + 1][at] ^= bit
                toggles[rank[span.at_most] + 1][at] ^= bit
            missing[at] = bit * span.missing
        self._holding = list(accumulate((int.from_bytes(toggle, "little") for toggle in toggles), xor))
        self._missing = int.from_bytes(missing, "little")

    def holding(self, value: float) -> int:
        """Byte i has the bit of this feature where leaf i's span holds for the value."""
        return self._missing if isnan(value) else self._holding[bisect_left(self._cuts, value)]


def _leaves(tree: Tree, covers: Sequence[int], path: dict[int, _Span]) -> Iterator[_Leaf]:
    """The leaves below, from left to right; `covers` are their training rows, `path` leads here."""
    if not isinstance(tree, tuple):
        yield _Leaf(tree, path)
        return
    feature, threshold, left, right, missing_left = tree
    span = path.get(feature, _Span())
    size = _size(left)
    on_left = sum(covers[:size]) / sum(covers)
    on_right = sum(covers[size:]) / sum(covers)
    below = _Span(span.above, min(span.at_most, threshold), span.missing and missing_left, span.share * on_left)
    beyond = _Span(max(span.above, threshold), span.at_most, span.missing and not missing_left, span.share * on_right)
    yield from _leaves(left, covers[:size], {**path, feature: below})
    yield from _leaves(right, covers[size:], {**path, feature: beyond})


def _size(tree: Tree) -> int:
    return _size(tree[2]) + _size(tree[3]) if isinstance(tree, tuple) else 1


def _unpacked(packed: int, features: int) -> Iterator[float]:
    for _ in range(features):
        field = ((packed + HALF) & FIELD) - HALF
        yield field / UNIT
        packed = (packed - field) >> FIELD_BITS
