"""The features of many payments: rows by features, each row what `vector` gives for its payment, to the last bit."""

from collections.abc import Hashable, Mapping, Sequence
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fraudshield.expression.column import Column, Evaluated
from fraudshield.expression.columns import ColumnEvaluation
from fraudshield.expression.names import TEXTS
from fraudshield.expression.tree import identity
from fraudshield.expression.vector import Component


def matrix(components: Sequence[Component], fields: Mapping[str, Column], rows: int) -> NDArray[np.float64]:
    """All components over columns; NaN where one has no value, or its text no rank. A column not there is missing."""
    found = np.empty((rows, len(components)))
    evaluation = _SharedEvaluation(fields, rows, {})
    with np.errstate(all="ignore"):
        for at, component in enumerate(components):
            one = evaluation.of(component.expression.tree)
            values = _ranked(one, component, rows) if component.expression.kind in TEXTS else one.values
            found[:, at] = values
            if not one.known.all():
                found[~one.known, at] = np.nan
    return found


def _ranked(texts: Evaluated, component: Component, rows: int) -> NDArray[np.float64]:
    every = np.broadcast_to(texts.values, rows).tolist()
    return np.fromiter(map(component.ranks.get, every, repeat(np.nan)), np.float64, rows)


class _SharedEvaluation(ColumnEvaluation):
    """Evaluates over the columns of one chunk; what several trees share is worked out once."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.worked_out: dict[Hashable, Evaluated] = {}

    def of(self, tree: Any) -> Evaluated:
        """The values of a tree, worked out when first asked for."""
        whose = identity(tree)
        if whose not in self.worked_out:
            self.worked_out[whose] = super().of(tree)
        return self.worked_out[whose]
