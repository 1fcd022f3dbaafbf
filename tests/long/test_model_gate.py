"""The gate in worlds whose truth is known: a worse challenger never passes, an equal one mostly, with enough."""

import numpy as np
import pytest

from tests.backtest.model_world import passes

pytestmark = pytest.mark.long
WORLDS = 200


@pytest.mark.parametrize("accounts", [8, 15, 25, 40])
def test_a_challenger_that_is_25_points_worse_never_passes(accounts: int) -> None:
    rng = np.random.default_rng([17, accounts])
    assert not any(passes(rng, accounts, worse=True) for _ in range(WORLDS))


def test_an_equal_one_passes_in_most() -> None:
    rng = np.random.default_rng([17, 160])
    assert sum(passes(rng, 160, worse=False) for _ in range(WORLDS)) > WORLDS / 2
