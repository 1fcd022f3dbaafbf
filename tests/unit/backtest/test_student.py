import pytest
from scipy import stats  # type: ignore[import-untyped]

from fraudshield.backtest.student import t_quantile


@pytest.mark.parametrize("degrees", [1, 2, 3, 4, 5, 8, 15, 40, 199, 200, 201, 5000, 1_000_000])
@pytest.mark.parametrize("probability", [0.75, 0.975, 0.9875, 0.999, 0.99999])
def test_a_quantile_is_that_of_scipy(probability: float, degrees: int) -> None:
    assert t_quantile(probability, degrees) == pytest.approx(stats.t.ppf(probability, degrees), rel=1e-6)


def test_more_to_go_by_makes_the_quantile_smaller_down_to_that_of_the_normal_distribution() -> None:
    found = [t_quantile(0.975, degrees) for degrees in range(1, 400)]
    assert found == sorted(found, reverse=True)
    assert found[-1] > stats.norm.ppf(0.975)
