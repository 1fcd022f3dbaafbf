import subprocess
import sys
from collections.abc import Callable
from math import inf, log, nextafter
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, brier_score_loss

from fraudshield.policy.policy import Thresholds
from fraudshield.predictor import columns
from fraudshield.predictor.columns import Booleans, Floats
from model.calibration import Calibration, calibrated
from model.dataset import Dataset, read_csv
from model.drift import deciles, histogram
from model.evaluate import Ranking, evaluate
from model.simulator import transactions
from model.threshold import proposed_thresholds
from model.train import train
from tests.model.feature import FEATURE_NAMES

PAYSIM = Path(__file__).parents[1] / "data" / "paysim" / "first-5000.csv"


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return transactions(50_000, 21).dataset()


def nothing() -> None:
    """Nobody watches."""


def test_no_step_is_in_two_parts_and_every_row_in_one(dataset: Dataset) -> None:
    first, second, third = dataset.by_time()
    assert first.step[-1] < second.step[0] <= second.step[-1] < third.step[0]
    assert len(first) + len(second) + len(third) == len(dataset)


def test_too_few_frauds_are_said_before_anything_is_trained(dataset: Dataset) -> None:
    with pytest.raises(ValueError, match=r"\d+ frauds in the training rows, at least 50 are needed"):
        train(dataset, nothing)


@pytest.mark.parametrize("step", [1, 2, 5000, 9999, 10_000])
def test_a_cut_lies_where_the_probability_rounds_up_to_its_step(step: int) -> None:
    calibration = Calibration(1.25, -0.5)
    cut = calibration.cuts()[step - 1]
    probability = 1 / (1 + np.exp(-(1.25 * cut - 0.5)))
    assert probability * 10_000 == pytest.approx(step - 0.5, abs=1e-4)


def test_cuts_ascend_and_are_finite() -> None:
    cuts = np.array(Calibration(1.04, 0.16).cuts())
    assert len(cuts) == 10_000
    assert np.isfinite(cuts).all()
    assert (np.diff(cuts) > 0).all()


def test_calibration_finds_the_line_that_the_frauds_were_drawn_from() -> None:
    rng = np.random.default_rng(5)
    margins = rng.normal(-4, 2, 200_000)
    fraud = rng.random(len(margins)) < 1 / (1 + np.exp(-(0.8 * margins + 0.5)))
    found = calibrated(margins, fraud)
    assert (found.slope, found.intercept) == pytest.approx((0.8, 0.5), abs=0.05)


def test_a_margin_that_ranks_upside_down_is_not_calibrated() -> None:
    rng = np.random.default_rng(5)
    margins = rng.normal(0, 1, 10_000)
    with pytest.raises(ValueError, match="does not rank"):
        calibrated(margins, rng.random(len(margins)) < 1 / (1 + np.exp(margins + 2)))


def test_review_starts_where_the_alert_budget_is_kept() -> None:
    risk = np.arange(10_000) / 10_000
    proposed = proposed_thresholds(risk, np.arange(10_000) >= 9_980)
    assert proposed.review == 0.995
    assert np.mean(risk >= np.array(proposed.review)) <= 0.005 < np.mean(risk >= nextafter(0.995 - 0.0001, -inf))


@pytest.mark.parametrize(("frauds", "block"), [(25, 0.995), (24, 1.0)])
def test_a_block_starts_where_half_of_fifty_rows_are_fraud_and_else_at_one(frauds: int, block: float) -> None:
    risk = np.arange(10_000) / 10_000
    fraud = np.arange(10_000) >= 10_000 - frauds
    assert proposed_thresholds(risk, fraud).block == block


def test_a_block_is_chosen_on_its_own_and_review_is_never_above_it() -> None:
    risk = np.arange(10_000) / 10_000
    proposed = proposed_thresholds(risk, risk >= 0.95)
    assert proposed.block == proposed.review == 0.9


def test_a_perfect_model_of_more_fraud_than_the_budget_blocks_all_of_it() -> None:
    fraud = np.arange(10_000) < 60
    assert proposed_thresholds(np.where(fraud, 0.98, 0.0001), fraud) == Thresholds(review=0.98, block=0.98)


@pytest.mark.parametrize(
    ("risk", "fraud", "reason"),
    [
        (np.zeros(10_000), np.arange(10_000) < 60, "the risk of every calibration row is 0"),
        (np.full(10_000, 0.006), np.arange(10_000) < 60, "the 100.00% .* all have the risk 0.006"),
        (np.where(np.arange(10_000) < 100, 0.1, 0.0), np.arange(10_000) < 10, "the 1.00% .* all have the risk 0.1"),
        (np.arange(10_000) / 10_000, np.arange(10_000) < 60, "of 60 frauds the 50 riskiest .* have 0"),
        (np.arange(10_000) / 10_000, np.arange(10_000) >= 4_000, "they would flag 100.0% of"),
    ],
    ids=["nothing", "one tie", "a tie at the top", "upside down", "mostly fraud"],
)
def test_a_degenerate_proposal_is_refused_with_the_reason(risk: Floats, fraud: Booleans, reason: str) -> None:
    with pytest.raises(ValueError, match=f"No thresholds can be proposed: {reason}"):
        proposed_thresholds(risk, fraud)


ROWS = 40_000
SCORES: dict[str, Callable[[np.random.Generator, Booleans], Floats]] = {
    "perfect": lambda rng, fraud: np.where(fraud, 0.98, 0.0001),
    "perfect, all different": lambda rng, fraud: np.round(np.where(fraud, 0.5, 0.0) + rng.random(ROWS) / 2, 4),
    "good": lambda rng, fraud: np.round(1 / (1 + np.exp(4 - 4 * fraud - rng.normal(0, 1, ROWS))), 4),
    "good, five ties": lambda rng, fraud: np.round(rng.binomial(4, np.where(fraud, 0.9, 0.1)) / 4, 4),
    "good, two ties": lambda rng, fraud: np.where(rng.random(ROWS) < np.where(fraud, 0.9, 0.02), 0.3, 0.001),
    "half of it perfect": lambda rng, fraud: np.where(fraud & (rng.random(ROWS) < 0.5), 0.9, 0.001),
    "useless": lambda rng, fraud: np.round(rng.random(ROWS), 4),
    "useless, one tie": lambda rng, fraud: np.full(ROWS, 0.5),
    "useless, two ties": lambda rng, fraud: np.where(rng.random(ROWS) < 0.003, 0.9, 0.1),
    "nothing": lambda rng, fraud: np.zeros(ROWS),
    "upside down": lambda rng, fraud: np.where(fraud, 0.0001, 0.98),
}
WORTHLESS = {name for name in SCORES if name.startswith(("useless", "nothing", "upside"))}


def proposed_or_why_not(risk: Floats, fraud: Booleans) -> Thresholds | str:
    try:
        return proposed_thresholds(risk, fraud)
    except ValueError as exc:
        return str(exc)


@pytest.mark.parametrize("share", [0.0005, 0.001, 0.002, 0.0049, 0.005, 0.006, 0.01, 0.02, 0.05])
@pytest.mark.parametrize("name", SCORES)
def test_whatever_the_prevalence_and_the_score_a_proposal_makes_sense_or_is_refused(name: str, share: float) -> None:
    rng = np.random.default_rng(7)
    fraud = rng.random(ROWS) < share
    risk = SCORES[name](rng, fraud)
    found = proposed_or_why_not(risk, fraud)
    if isinstance(found, str):
        assert found.startswith("No thresholds can be proposed: ")
        assert name in WORTHLESS or "two ties" in name or "five ties" in name
        return
    flagged, blocked = risk >= float(found.review), risk >= float(found.block)
    assert name not in WORTHLESS
    assert 0 < flagged.mean() <= 0.2
    assert flagged.mean() <= 0.005 or fraud[flagged].mean() >= 0.5
    assert fraud[flagged].mean() > 2 * fraud.mean()
    assert not blocked.any() or found.block == 1.0 or fraud[blocked].mean() >= 0.5
    assert not name.startswith("perfect") or (fraud & flagged).sum() == min(fraud.sum(), flagged.sum())


def test_measures_are_those_of_scikit_learn(dataset: Dataset) -> None:
    rng = np.random.default_rng(6)
    score = rng.integers(0, 50, len(dataset)) / 100 + np.where(dataset.fraud, 0.2, 0.0)  # with ties
    found = Ranking(score, dataset.fraud, dataset.columns.amount).measures(np.ones(len(dataset), np.int64))
    assert found.auprc == pytest.approx(average_precision_score(dataset.fraud, score), abs=1e-12)
    assert found.brier == pytest.approx(brier_score_loss(dataset.fraud, score), abs=1e-12)


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


def test_an_interval_holds_its_value(dataset: Dataset) -> None:
    score = np.where(dataset.fraud, 0.6, 0.4) + np.random.default_rng(7).normal(0, 0.1, len(dataset))
    found = evaluate({"score": score}, dataset.fraud, dataset.columns.amount, nothing)["score"]["auprc"]
    assert found.low < found.value < found.high


def test_a_histogram_holds_every_value_once() -> None:
    found = histogram(np.array([0.0, 0.0, 1.0, 2.0, 5.0]), np.array([0.0, 2.0]))
    assert found.shares == (0.4, 0.4, 0.2)


def test_deciles_of_repeated_values_are_not_repeated() -> None:
    assert deciles(np.array([0.0] * 8 + [1.0, 2.0])).tolist() == [0.0, 1.0]
    assert deciles(np.zeros(5)).tolist() == []


def test_the_first_rows_of_paysim_are_read() -> None:
    dataset = read_csv(PAYSIM)
    assert (len(dataset), int(dataset.fraud.sum())) == (5000, 40)
    features = dataset.features()
    assert features[0].tolist() == [0.0, 9839.64, 170136.0, 0.0, 9839.64 / 170136.0, -1.0, 170136.0 - 9839.64, 1.0]
    assert features.shape[1] == len(FEATURE_NAMES)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "has no column step, type"),
        ("step,type\n1,PAYMENT\n", "has no column amount, oldbalanceOrg"),
        ("step,type,amount,oldbalanceOrg,nameDest,oldbalanceDest,isFraud\n", "has no rows"),
        (
            "step,type,amount,oldbalanceOrg,nameDest,oldbalanceDest,isFraud\n1,PAYMENT,x,0,M1,0,0\n",
            "line 2: ValueError",
        ),
        (
            "step,type,amount,oldbalanceOrg,nameDest,oldbalanceDest,isFraud\n1,GIFT,1,0,M1,0,0\n",
            "line 2: KeyError 'GIFT'",
        ),
        ("step,type,amount,oldbalanceOrg,nameDest,oldbalanceDest,isFraud\n1,DEBIT,nan,0,M1,0,0\n", "not an amount"),
        ("step,type,amount,oldbalanceOrg,nameDest,oldbalanceDest,isFraud\n1,DEBIT\n", "line 2: IndexError"),
    ],
)
def test_a_csv_that_cannot_be_read_says_why(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "own.csv").write_text(content)
    with pytest.raises(ValueError, match=message):
        read_csv(tmp_path / "own.csv")


def test_rows_of_a_csv_are_put_in_the_order_of_time(tmp_path: Path) -> None:
    header = "step,type,amount,oldbalanceOrg,nameDest,oldbalanceDest,isFraud\n"
    (tmp_path / "own.csv").write_text(header + "3,DEBIT,1,0,C1,0,0\n1,PAYMENT,2,0,M1,0,1\n")
    dataset = read_csv(tmp_path / "own.csv")
    assert (dataset.step.tolist(), dataset.fraud.tolist()) == ([1, 3], [True, False])


def test_log_odds_of_a_half_are_where_risk_is_a_half() -> None:
    calibration = Calibration(2.0, log(3))
    assert columns.risk(calibration.cuts(), np.array([-log(3) / 2])).tolist() == [0.5]


def test_training_on_too_few_frauds_ends_with_one_line_and_no_artifact(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "model", "--data", str(PAYSIM), "--out", str(tmp_path)]
    ended = subprocess.run(command, cwd=PAYSIM.parents[3], capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stdout.strip() == "16 frauds in the training rows, at least 50 are needed"
    assert list(tmp_path.iterdir()) == []
