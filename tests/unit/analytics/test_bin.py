"""The bins that counts are kept in."""

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from fraudshield.analytics.bin import SCORE_EDGES, amount_bin, lag_bin, score_bands, score_bin, score_bounds


@pytest.mark.parametrize(
    ("risk", "number"),
    [("0", 0), ("0.0001", 1), ("0.0009", 1), ("0.001", 2), ("0.0999", 7), ("0.1", 8), ("0.95", 25), ("1.0", 25)],
)
def test_a_bin_has_its_lower_edge_in_it(risk: str, number: int) -> None:
    assert score_bin(Decimal(risk)) == number


def test_bins_follow_one_another_from_0_to_1() -> None:
    bounds = [score_bounds(number) for number in range(len(SCORE_EDGES))]
    assert (bounds[0][0], bounds[-1][1]) == (0.0, 1.0)
    assert all(low[1] == high[0] for low, high in pairwise(bounds))


def test_twenty_bands_are_made_of_whole_bins() -> None:
    bands = list(score_bands())
    assert len(bands) == 20
    assert [number for _, _, inside in bands for number in inside] == list(range(len(SCORE_EDGES)))
    assert all((score_bounds(one[0])[0], score_bounds(one[-1])[1]) == (low, high) for low, high, one in bands)


@pytest.mark.parametrize(("amount", "number"), [("0", 0), ("9.99", 0), ("10", 1), ("1000000", 6), ("1e14", 6)])
def test_amounts_have_bands_of_tens(amount: str, number: int) -> None:
    assert amount_bin(Decimal(amount)) == number


@pytest.mark.parametrize(("days", "number"), [(-1, 0), (1, 0), (1.1, 1), (7, 1), (90, 3), (91, 4)])
def test_a_delay_up_to_its_edge_is_in_the_bin(days: float, number: int) -> None:
    assert lag_bin(timedelta(days=days)) == number
