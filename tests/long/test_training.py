"""The whole of `python -m model`, run as a user runs it."""

import subprocess
import sys
from pathlib import Path

import pytest

from fraudshield.predictor.artifact import load
from model.export import ARTIFACT
from model.simulator import transactions

pytestmark = pytest.mark.long

ROOT = ARTIFACT.parents[1]


def test_running_the_training_again_writes_both_committed_files_to_the_byte(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "model", "--out", str(tmp_path)], check=True, cwd=ROOT)
    for name in ("model.json", "manifest.json"):
        assert (tmp_path / "model" / name).read_bytes() == (ARTIFACT / "model" / name).read_bytes(), name


def test_a_model_trained_on_ones_own_csv_is_one_that_serving_takes(tmp_path: Path) -> None:
    transactions(300_000, 9).write_csv(tmp_path / "own.csv")
    command = [sys.executable, "-m", "model", "--data", str(tmp_path / "own.csv"), "--out", str(tmp_path)]
    subprocess.run(command, check=True, cwd=ROOT)
    assert load(tmp_path / "model").version.startswith("csv-")
