"""From how many payments on a share of reviews is held against its budget, and how far it has to be off."""

from math import log

import pytest

from fraudshield.analytics.review_budget import LEAST, LEFT, ReviewedShare


def distance(payments: int, reviews: int, budget: float = 0.02) -> float | None:
    return ReviewedShare("payment", budget, payments, reviews).distance


def test_too_few_payments_or_reviews_say_nothing() -> None:
    assert distance(LEAST - 1, LEAST - 1, 0.5) is None
    assert distance(LEAST, LEAST, 0.5) is not None
    assert distance(1999, 1999, 0.005) is None  # a budget of 9.995 reviews
    assert distance(2000, 2000, 0.005) is not None


@pytest.mark.parametrize(
    ("payments", "reviews", "off"),
    [
        (20_000, 400, False),
        (20_000, 598, False),
        (20_000, 599, True),
        (20_000, 227, False),
        (20_000, 226, True),
        (1_000, 44, False),  # twice the budget of 20 may be one busy account
        (1_000, 45, True),
        (1_000, 0, False),  # of so few that none came says nothing
        (200_000, 5404, False),
        (200_000, 5405, True),
    ],
)
def test_what_chance_may_do_is_no_alarm(payments: int, reviews: int, off: bool) -> None:
    found = distance(payments, reviews)
    assert found is not None
    assert (found >= LEFT) is off


def test_many_payments_leave_the_quotient_itself() -> None:
    assert distance(10**9, 4 * 10**7) == pytest.approx(log(2), abs=0.003)
    assert distance(10**9, 10**7) == pytest.approx(log(2), abs=0.003)
