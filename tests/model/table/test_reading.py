import gzip
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from fraudshield.batch.own.row import OwnLayout
from fraudshield.errors import Malformed
from fraudshield.event_type.environment import environment
from fraudshield.event_type.event_type import EventType
from fraudshield.event_type.payment import BUILT_IN
from fraudshield.expression.reading import Unread
from fraudshield.transaction.pricing import reported_amount
from fraudshield.transaction.value import values_of
from model.table.reading import Asked, read_table
from tests.conftest import ROOT
from tests.model.card_payments import ASKED, card_file, card_table, card_type

PAYSIM = ROOT / "tests/data/paysim/first-5000.csv"
MIXED = EventType.model_validate(
    {
        "name": "mixed",
        "version": 1,
        "reporting_currency": "EUR",
        "fields": {
            "id": {"kind": "text", "role": "id"},
            "at": {"kind": "instant", "role": "time"},
            "minor": {"kind": "money", "role": "amount", "unit": "minor", "currency": "ccy"},
            "in_eur": {"kind": "money", "role": "reported_amount", "currency": "EUR"},
            "ccy": {"kind": "category"},
            "vip": {"kind": "boolean"},
            "items": {"kind": "integer", "minimum": Decimal(0)},
            "number": {"kind": "number", "from": "the number"},
        },
        "label": {"genuine_after": "30d", "later": "7d"},
    }
).sealed()
HEADER = "id,at,minor,in_eur,ccy,vip,items,the number,label,labelled_at\n"
ROWS = (
    "p1,2026-01-01T01:00:00+01:00,1099,,EUR,true,1,1e3,fraud,2026-01-05T00:00:00Z\n"
    "p2,2026-01-02T00:00:00Z,123456789012345.67,9.5,usd,,2,-0.5,,\n"
    'p3,2026-03-01T00:00:00.5Z,500,,USD,0,,"7",genuine,\n'
)


def test_each_row_is_read_as_a_job_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "mixed.csv"
    path.write_text(HEADER + ROWS)
    table = read_table(path, MIXED, Asked("label", "labelled_at"))
    kinds = environment(MIXED.document, MIXED.all_fields).fields
    layout = OwnLayout.of(MIXED, HEADER.strip().split(","), path.name)
    for at, line in enumerate(ROWS.replace('"', "").splitlines()):
        payment = layout.read(line.split(","), "none")
        assert payment.occurred_at is not None
        values = values_of(payment, payment.occurred_at, kinds)
        for name, column in table.fields.items():
            there = column.present is None or bool(column.present[at])
            found = column.exact.get(at, column.values[at]) if there else None
            if isinstance(found, np.datetime64):
                found = found.astype(datetime).replace(tzinfo=UTC)
            assert as_number(found) == as_number(values[name]), (name, at)
        money = reported_amount(payment)
        assert np.isnan(table.reported.values[at]) if money is None else table.reported.values[at] == float(money)


def as_number(value: object) -> object:
    """What an expression reads: float64, and nothing of what has no rate."""
    if isinstance(value, Unread):
        return None
    return float(value) if isinstance(value, int | float | Decimal | np.floating | np.bool_) else value


def test_the_card_payments_are_all_there_in_the_order_of_time() -> None:
    table = card_table()
    assert len(table) == card_file().read_text().count("\n") - 1
    assert (np.diff(table.occurred_at) >= 0).all()
    assert table.truth.fraud.sum() > 500


def test_a_packed_file_is_read_as_the_plain_one(tmp_path: Path) -> None:
    packed = tmp_path / "card.csv.gz"
    packed.write_bytes(gzip.compress(card_file().read_bytes()))
    table = read_table(packed, card_type(), ASKED)
    assert np.array_equal(table.reported.values, card_table().reported.values)


def test_paysim_is_a_file_of_the_built_in_type() -> None:
    table = read_table(PAYSIM, BUILT_IN, Asked("isFraud"))
    assert (len(table), int(table.truth.fraud.sum())) == (5000, 40)
    assert table.occurred_at[-1] == int(table.fields["step"].values[-1]) * 3_600_000_000


def test_silence_is_genuine_once_a_payment_is_old_enough_and_no_sooner(tmp_path: Path) -> None:
    path = tmp_path / "mixed.csv"
    path.write_text(HEADER + ROWS)
    asked = Asked("label", "labelled_at", as_of=datetime(2026, 3, 15, tzinfo=UTC))
    truth = read_table(path, MIXED, asked).truth
    assert truth.usable.tolist() == [True, True, False]  # whatever is written of what is too young
    assert truth.fraud.tolist() == [True, False, False]
    early = Asked("label", "labelled_at", as_of=datetime(2026, 1, 4, tzinfo=UTC))
    assert not read_table(path, MIXED, early).truth.fraud.any()  # it was reported a day later


def test_a_fraud_without_a_time_was_reported_as_late_as_labels_come(tmp_path: Path) -> None:
    path = tmp_path / "mixed.csv"
    path.write_text(HEADER + ROWS.replace("2026-01-05T00:00:00Z", ""))
    table = read_table(path, MIXED, Asked("label", "labelled_at"))
    assert table.truth.labelled_at[0] - table.occurred_at[0] == 7 * 86_400_000_000


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("1099", "lots", "line 2: minor is 'lots', expected a number such as 1000.00"),
        (",1,1e3", ",1.5,1e3", "line 2: items is '1.5', expected a whole number from 0"),
        (",2,-0.5", ",-2,-0.5", "line 3: items is '-2', expected a whole number from 0"),
        ("2026-01-02T00:00:00Z", "yesterday", "line 3: at is 'yesterday', expected a time with its offset"),
        ("2026-01-02T00:00:00Z", "2026-01-02T00:00:00", "line 3: at is '2026-01-02T00:00:00', expected a time with"),
        ("2026-01-02T00:00:00Z", "", "line 3: at is empty, expected a time"),
        ("true", "maybe", "line 2: vip is 'maybe', expected true or false"),
        ("genuine", "good", "line 4: label is 'good', expected fraud, genuine, 1, 0, true, false or nothing"),
        ("p2,", "p2", "line 3: "),
        ("label,", "lable,", "mixed.csv has no column label"),
        ("id,at,", "id,when,", "mixed.csv has no times; expected a column at"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(tmp_path: Path, old: str, new: str, says: str) -> None:
    path = tmp_path / "mixed.csv"
    path.write_text((HEADER + ROWS).replace(old, new, 1))
    with pytest.raises(Malformed) as refused:
        read_table(path, MIXED, Asked("label", "labelled_at"))
    assert says in str(refused.value)


def test_a_label_that_the_type_reads_too_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mixed.csv"
    path.write_text(HEADER + ROWS)
    with pytest.raises(Malformed, match="ccy is read by the event type's field ccy, so a model would be told"):
        read_table(path, MIXED, Asked("ccy"))
