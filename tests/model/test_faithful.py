from dataclasses import replace

import numpy as np
import pytest

from model.baseline import one_line
from model.faithful import faithful
from model.ledger import Ledger
from model.simulator import transactions
from tests.model.fidelity import deviations

ROWS = 600_000


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return faithful(ROWS, 11)


def test_the_faithful_look_alike_is_near_all_published_facts(ledger: Ledger) -> None:
    assert deviations(ledger) == []


def test_the_default_world_is_told_from_paysim_by_the_facts() -> None:
    names = {comparison.what for comparison in deviations(transactions(ROWS, 11))}
    assert {"fraud between 9 and 24", "fraud TRANSFER drains", "TRANSFER drains", "senders per row"} <= names


def test_amounts_a_fifth_too_high_are_noticed(ledger: Ledger) -> None:
    assert deviations(replace(ledger, amount=ledger.amount * 6 // 5))


def test_a_clock_an_hour_late_is_noticed(ledger: Ledger) -> None:
    assert deviations(replace(ledger, step=np.minimum(743, ledger.step + 1)))


def test_one_line_solves_the_faithful_look_alike(ledger: Ledger) -> None:
    alerted = one_line(ledger.dataset().columns) == 1
    assert ledger.fraud[alerted].mean() > 0.99
    assert alerted[ledger.fraud].mean() > 0.99


def test_the_same_seed_gives_the_same_rows() -> None:
    assert faithful(20_000, 3).dataset().digest() == faithful(20_000, 3).dataset().digest()
    assert faithful(20_000, 3).dataset().digest() != faithful(20_000, 4).dataset().digest()
