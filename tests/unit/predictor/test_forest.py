from math import inf, nan, nextafter

import pytest

from fraudshield.predictor.forest import Forest, margin

LEFT, RIGHT = 0.25, -0.5
ONE_TEST = Forest(1.0, ((1, 10.0, LEFT, RIGHT, True),), ((3, 4),))


@pytest.mark.parametrize(
    ("value", "leaf"),
    [(9.0, LEFT), (10.0, LEFT), (nextafter(10.0, inf), RIGHT), (11.0, RIGHT), (-inf, LEFT), (inf, RIGHT)],
)
def test_a_value_at_or_below_the_threshold_goes_left(value: float, leaf: float) -> None:
    assert margin(ONE_TEST, (0.0, value)) == 1.0 + leaf


@pytest.mark.parametrize(("missing_left", "leaf"), [(True, LEFT), (False, RIGHT)])
def test_a_missing_value_goes_where_training_sent_it(missing_left: bool, leaf: float) -> None:
    forest = Forest(1.0, ((1, 10.0, LEFT, RIGHT, missing_left),), ((3, 4),))
    assert margin(forest, (0.0, nan)) == 1.0 + leaf


def test_leaves_are_added_to_the_baseline_one_tree_after_the_other() -> None:
    forest = Forest(0.1, (0.2, 0.3), ((1,), (1,)))
    assert margin(forest, ()) == (0.1 + 0.2) + 0.3 != 0.1 + (0.2 + 0.3)


def test_a_tree_without_a_test_adds_its_value() -> None:
    assert margin(Forest(2.0, (0.5,), ((7,),)), ()) == 2.5
