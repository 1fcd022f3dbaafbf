import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model.baseline import one_line
from model.dataset import read_csv
from model.fact import hour_weights
from model.ledger import CASH_IN, CASH_OUT, PAYMENT, TRANSFER, Ledger
from model.receiver import FIRST_CUSTOMER
from model.simulator import transactions
from model.world import World

ROWS = 600_000
DIGEST = "9d438b8ba034704ae9b0e55093c965301ae55ec7d42ae8fe8e38dc2829a0886b"


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return transactions(ROWS, 11)


def test_the_rows_of_a_seed_are_the_same_on_every_machine() -> None:
    assert transactions(20_000, 3).dataset().digest() == DIGEST


def test_another_seed_gives_other_rows() -> None:
    assert transactions(20_000, 4).dataset().digest() != DIGEST


def test_rows_come_in_the_order_of_time_and_move_money(ledger: Ledger) -> None:
    assert (np.diff(ledger.step) >= 0).all()
    assert ledger.step.min() >= 1
    assert ledger.step.max() <= 743
    assert ledger.amount.min() >= 1


def test_a_senders_balance_is_what_the_row_before_left(ledger: Ledger) -> None:
    people = ledger.rows(np.flatnonzero(ledger.origin < FIRST_CUSTOMER))
    order = np.argsort(people.origin, kind="stable")
    same = np.diff(people.origin[order]) == 0
    assert same.sum() > ROWS / 2
    assert (people.origin_before[order][1:][same] == people.origin_after[order][:-1][same]).all()


def test_a_destinations_balance_is_what_the_row_before_left(ledger: Ledger) -> None:
    known = ledger.rows(np.flatnonzero(ledger.type != PAYMENT))
    order = np.argsort(known.destination, kind="stable")
    same = np.diff(known.destination[order]) == 0
    assert (known.destination_before[order][1:][same] == known.destination_after[order][:-1][same]).all()


def test_what_the_balance_does_not_cover_is_refused(ledger: Ledger) -> None:
    short = (ledger.amount > ledger.origin_before) & (ledger.type != CASH_IN)
    assert short.mean() > 0.01
    assert (ledger.origin_after[short] == ledger.origin_before[short]).all()
    assert (ledger.destination_after[short] == ledger.destination_before[short]).all()


def test_no_fraud_is_refused_and_each_is_a_transfer_or_a_cash_out(ledger: Ledger) -> None:
    assert (ledger.amount <= ledger.origin_before)[ledger.fraud].all()
    assert np.isin(ledger.type[ledger.fraud], (TRANSFER, CASH_OUT)).all()
    assert 0.0011 < ledger.fraud.mean() <= 0.00130


def test_genuine_customers_empty_their_accounts_too(ledger: Ledger) -> None:
    alerted = one_line(ledger.dataset().columns) == 1
    assert ledger.fraud[alerted].mean() < 0.2


def test_some_frauds_leave_a_part(ledger: Ledger) -> None:
    thefts = ledger.fraud & (ledger.type == TRANSFER)
    partial = (ledger.amount < ledger.origin_before)[thefts].mean()
    assert partial == pytest.approx(World().partial_frauds / 1000, abs=0.08)


def test_fraud_keeps_everybodys_hours(ledger: Ledger) -> None:
    awake = np.isin(np.arange(1, 744) % 24, range(9, 24))
    volume = hour_weights()
    expected = volume[awake].sum() / volume.sum()
    assert np.isin(ledger.step[ledger.fraud] % 24, range(9, 24)).mean() == pytest.approx(expected, abs=0.03)


def test_senders_come_back(ledger: Ledger) -> None:
    assert len(ledger) / len(np.unique(ledger.origin)) > World().rows_per_sender / 2


def test_a_parameter_of_the_world_changes_it() -> None:
    world = transactions(50_000, 5, World(partial_frauds=0, genuine_drains=0))
    thefts = world.fraud & (world.type == TRANSFER)
    assert (world.amount == world.origin_before)[thefts].all()


def test_a_written_csv_reads_back_as_the_same_data(tmp_path: Path) -> None:
    ledger = transactions(5_000, 6)
    ledger.write_csv(tmp_path / "simulated.csv")
    assert read_csv(tmp_path / "simulated.csv").digest() == ledger.dataset().digest()


def test_a_written_csv_names_accounts_as_paysim_does(tmp_path: Path) -> None:
    transactions(2_000, 6).write_csv(tmp_path / "simulated.csv")
    with (tmp_path / "simulated.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["nameDest"][0] for row in rows if row["type"] == "PAYMENT"} == {"M"}
    assert {row["nameOrig"][0] for row in rows} == {"C"}
    assert len({row["transaction_id"] for row in rows}) == len(rows)


def test_a_sender_who_forgets_would_be_noticed(ledger: Ledger) -> None:
    forgetful = replace(ledger, origin_after=np.roll(ledger.origin_after, 1))
    with pytest.raises(AssertionError):
        test_a_senders_balance_is_what_the_row_before_left(forgetful)
