import numpy as np
import pytest
from sklearn.metrics import average_precision_score, brier_score_loss

from model.judgement.ranking import Ranking


def test_measures_are_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(6)
    fraud = rng.random(20_000) < 0.01
    score = rng.integers(0, 50, len(fraud)) / 100 + np.where(fraud, 0.2, 0.0)  # with ties
    found = Ranking(score, fraud, rng.random(len(fraud))).measures(np.ones(len(fraud), np.int64))
    assert found.auprc == pytest.approx(average_precision_score(fraud, score), abs=1e-12)
    assert found.brier == pytest.approx(brier_score_loss(fraud, score), abs=1e-12)


def test_measures_of_a_small_ranking_are_as_counted_by_hand() -> None:
    score = np.array([0.9, 0.8, 0.8, 0.1] + [0.0] * 996)
    fraud = np.array([True, True, False, True] + [False] * 996)
    amount = np.array([10.0, 30.0, 99.0, 60.0] + [1.0] * 996)
    found = Ranking(score, fraud, amount).measures(np.ones(1000, np.int64))
    assert found.recall_at_0_1_percent == pytest.approx(1 / 3)
    assert found.recall_at_0_5_percent == pytest.approx(1.0)
    assert found.recall_at_precision_90 == pytest.approx(1 / 3)
    assert (found.precision_from_0_5, found.recall_from_0_5) == pytest.approx((2 / 3, 2 / 3))
    assert found.amount_caught_at_0_5_percent == pytest.approx(1.0)


def test_half_a_group_of_equal_scores_catches_half_its_frauds() -> None:
    score = np.array([1.0] * 10 + [0.0] * 990)
    fraud = np.array([True, True] + [False] * 998)
    found = Ranking(score, fraud, np.ones(1000)).measures(np.ones(1000, np.int64))
    assert found.recall_at_0_5_percent == pytest.approx(0.5)


def test_a_weight_counts_a_row_that_often() -> None:
    score, fraud = np.array([0.9, 0.5, 0.1]), np.array([True, False, True])
    twice = Ranking(score[[0, 1, 1, 2]], fraud[[0, 1, 1, 2]], np.ones(4)).measures(np.ones(4, np.int64))
    assert Ranking(score, fraud, np.ones(3)).measures(np.array([1, 2, 1])) == twice
