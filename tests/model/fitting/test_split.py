from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest

from fraudshield.errors import InvalidInput
from model.fitting.split import split
from model.table.table import PaymentTable
from tests.model.card_payments import card_table

DAY_US = 86_400_000_000


@pytest.fixture(scope="module")
def table() -> PaymentTable:
    return card_table()


def test_parts_follow_each_other_in_time_with_a_gap_before_the_last(table: PaymentTable) -> None:
    parts = split(table, timedelta(days=14))
    at = table.occurred_at
    ends = [(at[rows[0]], at[rows[-1]]) for rows in (parts.train, parts.tune, parts.calibrate, parts.test)]
    assert all(before[1] < after[0] for before, after in pairwise(ends))
    assert ends[2][1] < parts.test_from - 14 * DAY_US <= ends[3][0]


def test_before_the_test_only_what_was_reported_by_then_is_fraud(table: PaymentTable) -> None:
    parts = split(table, timedelta(days=1))
    before = np.concatenate([parts.train, parts.tune, parts.calibrate])
    late = before[table.truth.fraud[before] & (table.truth.labelled_at[before] >= parts.test_from)]
    assert len(late) > 0
    assert not parts.fraud[late].any()
    assert parts.fraud[before].sum() == table.truth.fraud[before].sum() - len(late)


def test_accounts_known_as_defrauded_when_the_test_begins_are_left_out_of_it(table: PaymentTable) -> None:
    parts = split(table, timedelta(days=14))
    known = {*table.senders()[table.truth.known(parts.test_from)].tolist()}
    assert known
    assert not known & {*table.senders()[parts.test].tolist()}
    usable = np.flatnonzero(table.truth.usable & (table.occurred_at >= parts.test_from))
    assert parts.defrauded == len(usable) - len(parts.test) > 0


def test_accounts_without_an_earlier_payment_are_told_from_the_others(table: PaymentTable) -> None:
    parts = split(table, timedelta(days=14))
    before = np.concatenate([parts.train, parts.tune, parts.calibrate])
    seen = {*table.senders()[before].tolist()}
    expected = [one not in seen for one in table.senders()[parts.test].tolist()]
    assert parts.unseen.tolist() == expected


def test_too_few_frauds_are_said_before_anything_is_trained(table: PaymentTable) -> None:
    with pytest.raises(InvalidInput, match=r"\d+ frauds in the .* rows to train, expected 50 or more"):
        split(table.rows(np.arange(1500)), timedelta())


def test_a_gap_that_leaves_too_little_is_refused(table: PaymentTable) -> None:
    with pytest.raises(InvalidInput, match=r"A gap of 90 days .* is too long for the .* days before the test"):
        split(table, timedelta(days=90))
