import csv
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from fraudshield.event_type.payment import BUILT_IN
from model.baseline import one_line
from model.fact import hour_weights
from model.fitting.features import feature_table
from model.fitting.split import split
from model.fitting.training import digest_of
from model.leak.leak import leaks
from model.ledger import CASH_IN, CASH_OUT, PAYMENT, TRANSFER, Ledger
from model.simulated import payment_table
from model.simulator import transactions
from model.table.reading import Asked, read_table
from model.world import World

ROWS = 600_000
DIGEST = "fe9764cf38c21bfc5bebba91c40307911825a892a1cafd515be2dc89bed56e09"


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


def test_an_account_holds_what_the_row_before_left_whether_it_sent_or_received(ledger: Ledger) -> None:
    assert_one_balance_an_account(ledger)


def test_an_account_that_forgets_what_it_received_would_be_noticed(ledger: Ledger) -> None:
    with pytest.raises(AssertionError):
        assert_one_balance_an_account(replace(ledger, destination_after=ledger.destination_before))


def assert_one_balance_an_account(ledger: Ledger) -> None:
    rows = np.arange(len(ledger))
    known = ledger.type != PAYMENT
    account = np.concatenate([ledger.origin, ledger.destination[known]])
    before = np.concatenate([ledger.origin_before, ledger.destination_before[known]])
    after = np.concatenate([ledger.origin_after, ledger.destination_after[known]])
    order = np.lexsort((np.concatenate([rows, rows[known]]), account))
    same = np.diff(account[order]) == 0
    assert same.sum() > ROWS
    assert (before[order][1:][same] == after[order][:-1][same]).all()


def test_who_receives_sends_too_and_no_number_tells_a_thief(ledger: Ledger) -> None:
    receivers = np.unique(ledger.destination[(ledger.type == TRANSFER) & ~ledger.fraud])
    assert np.isin(receivers, ledger.origin).mean() > 0.5
    thieves, others = (np.unique(ledger.origin[some]) for some in (ledger.incident >= 0, ledger.incident < 0))
    edges = np.quantile(others, np.arange(1, 10) / 10)
    shares = np.bincount(np.searchsorted(edges, thieves), minlength=10) / len(thieves)
    assert shares.max() < 0.2


def test_the_search_for_leaks_names_none_and_would_name_thieves_that_were_numbered_apart(ledger: Ledger) -> None:
    some = ledger.rows(np.arange(360_000))
    assert found_leaks(some) == []
    apart = replace(some, origin=np.where(some.incident >= 0, some.origin + 10**9 * 8, some.origin))
    assert found_leaks(apart) == ["id_range:nameOrig"]


def found_leaks(ledger: Ledger) -> list[str]:
    table = payment_table(ledger)
    parts = split(table, timedelta(days=1))
    return [one.name for one in leaks(table, parts, feature_table(table, parts.train, parts.fraud))]


def test_what_the_balance_does_not_cover_is_refused(ledger: Ledger) -> None:
    short = (ledger.amount > ledger.origin_before) & (ledger.type != CASH_IN)
    assert short.mean() > 0.01
    assert (ledger.origin_after[short] == ledger.origin_before[short]).all()
    assert (ledger.destination_after[short] == ledger.destination_before[short]).all()


def test_no_fraud_is_refused_and_each_is_a_transfer_or_a_cash_out(ledger: Ledger) -> None:
    assert (ledger.amount <= ledger.origin_before)[ledger.fraud].all()
    assert np.isin(ledger.type[ledger.fraud], (TRANSFER, CASH_OUT)).all()
    assert 0.0010 < ledger.fraud.mean() < 0.0016


def test_thefts_are_of_several_kinds_and_most_are_of_campaigns(ledger: Ledger) -> None:
    stolen = ledger.rows(np.flatnonzero(ledger.incident >= 0))
    incidents, rows = np.unique(stolen.incident, return_counts=True)
    without_transfer = np.setdiff1d(incidents, stolen.incident[stolen.type == TRANSFER])
    assert 0.05 < len(without_transfer) / len(incidents) < 0.3
    assert rows[rows > 6].sum() / rows.sum() == pytest.approx(1 - World().lone_thefts / 1000, abs=0.15)
    hours = [np.ptp(stolen.step[stolen.incident == one]) for one in incidents[rows > 6]]
    assert 12 < np.median(hours) <= (World().campaign_days + 1) * 24


def test_reports_come_late_and_some_never(ledger: Ledger) -> None:
    assert (ledger.reported >= ledger.step).all()
    delay = (ledger.reported - ledger.step)[ledger.fraud]
    assert World().report_median_hours / 2 < np.median(delay) < World().report_median_hours * 2
    assert 0.01 < 1 - ledger.fraud.sum() / (ledger.incident >= 0).sum() < 0.1


def test_genuine_customers_empty_their_accounts_too(ledger: Ledger) -> None:
    alerted = one_line(ledger.dataset().columns) == 1
    assert ledger.fraud[alerted].mean() < 0.2


def test_some_frauds_leave_a_part(ledger: Ledger) -> None:
    thefts = ledger.fraud & (ledger.type == TRANSFER)
    assert 0.3 < (ledger.amount < ledger.origin_before)[thefts].mean() < 0.7


def test_thefts_begin_at_everybodys_hours(ledger: Ledger) -> None:
    awake = np.isin(np.arange(1, 744) % 24, range(9, 24))
    volume = hour_weights()
    expected = volume[awake].sum() / volume.sum()
    stolen = np.flatnonzero(ledger.incident >= 0)
    first = ledger.rows(stolen[np.unique(ledger.incident[stolen], return_index=True)[1]])
    assert np.isin(first.step % 24, range(9, 24)).mean() == pytest.approx(expected, abs=0.03)


def test_senders_come_back(ledger: Ledger) -> None:
    assert len(ledger) / len(np.unique(ledger.origin)) > World().rows_per_customer / 2


def test_a_parameter_of_the_world_changes_it() -> None:
    world = transactions(50_000, 5, World(partial_frauds=0, genuine_drains=0, scam=0, chain=0))
    thefts = world.fraud & (world.type == TRANSFER)
    assert (world.amount == world.origin_before)[thefts].all()


def test_a_written_csv_is_what_training_reads_without_the_detour(tmp_path: Path) -> None:
    ledger = transactions(60_000, 6)
    ledger.write_labelled_csv(tmp_path / "simulated.csv")
    beside = Asked("isFraud", "labelled_at", beside=("incident", "oracle"))
    read, made = read_table(tmp_path / "simulated.csv", BUILT_IN, beside), payment_table(ledger)
    everything = np.arange(len(made))
    features = [feature_table(one, everything, one.truth.fraud) for one in (read, made)]
    assert digest_of(read, features[0]) == digest_of(made, features[1])
    assert (read.truth.labelled_at == made.truth.labelled_at).all()
    assert read.beside == made.beside
    assert (read.senders() == made.senders()).all()


def test_a_written_csv_names_accounts_as_paysim_does(tmp_path: Path) -> None:
    transactions(2_000, 6).write_csv(tmp_path / "simulated.csv")
    with (tmp_path / "simulated.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["nameDest"][0] for row in rows if row["type"] == "PAYMENT"} == {"M"}
    assert {row["nameOrig"][0] for row in rows} == {"C"}
    assert len({row["transaction_id"] for row in rows}) == len(rows)
