"""The demo's file is a plain stretch of the simulation."""

from pathlib import Path

import numpy as np

from infra.cli.example import ROWS, SEED, SIMULATED, example, main
from infra.cli.path import TRANSACTIONS
from model.carry_over import SEED as CARRY_OVER_SEED
from model.shipped import SEED as TRAINED_ON
from model.simulator import transactions


def test_the_file_is_made_by_its_command(tmp_path: Path) -> None:
    made = tmp_path / "made.csv"
    main(made)
    assert made.read_bytes() == TRANSACTIONS.read_bytes()


def test_no_row_of_the_stretch_was_picked_left_out_or_changed() -> None:
    whole, stretch = transactions(SIMULATED, SEED), example()
    starts = np.flatnonzero(whole.amount == stretch.amount[0])
    assert any(
        (whole.amount[start : start + ROWS] == stretch.amount).all() for start in starts if start + ROWS <= len(whole)
    )


def test_the_model_was_not_trained_on_it() -> None:
    assert SEED not in (TRAINED_ON, CARRY_OVER_SEED)
