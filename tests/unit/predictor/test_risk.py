from math import inf, nextafter
from pathlib import Path

import numpy as np
import pytest

from fraudshield.predictor import columns
from fraudshield.predictor.artifact import load
from fraudshield.predictor.forest import STEPS, risk

CUTS = load(Path(__file__).parents[3] / "model" / "artifact" / "model").cuts


@pytest.mark.parametrize(("margin", "expected"), [(-inf, 0.0), (inf, 1.0), (CUTS[0], 0.0001), (CUTS[-1], 1.0)])
def test_the_risk_is_the_share_of_cuts_at_or_below_the_margin(margin: float, expected: float) -> None:
    assert risk(CUTS, margin) == expected


def test_a_margin_just_below_a_cut_has_the_step_before() -> None:
    assert risk(CUTS, nextafter(CUTS[4999], -inf)) == 0.4999
    assert risk(CUTS, CUTS[4999]) == 0.5


def test_the_looked_up_risk_is_the_same_over_columns_at_every_cut_and_beside_it() -> None:
    margins = [m for cut in CUTS for m in (nextafter(cut, -inf), cut, nextafter(cut, inf))]
    over_columns = columns.risk(CUTS, np.array(margins))
    assert [risk(CUTS, margin) for margin in margins] == over_columns.tolist()
    assert len(set(over_columns.tolist())) == STEPS + 1


def test_a_column_look_up_from_the_other_side_would_be_noticed() -> None:
    other = np.searchsorted(CUTS, np.array(CUTS), side="left") / STEPS
    assert [risk(CUTS, cut) for cut in CUTS] != other.tolist()
