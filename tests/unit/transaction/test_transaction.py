"""What a transaction takes and refuses, field by field, at its bounds."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from fraudshield.errors import InvalidInput
from fraudshield.text import strict_json
from fraudshield.text.number import exact
from fraudshield.text.pattern import ID
from fraudshield.transaction.built_in import BuiltInTransaction
from fraudshield.transaction.content_hash import SCHEME
from fraudshield.transaction.field import REQUIRED
from fraudshield.transaction.parser import read_transaction
from fraudshield.transaction.transaction import Name, StoredTransactionId
from tests.content import first_hash, hashes, second_hash
from tests.decisions import transactions

Sent = Callable[..., dict[str, Any]]


def read(sent: dict[str, Any]) -> BuiltInTransaction:
    """As it arrives: numbers are `int` or `Decimal`."""
    numbers = {name: Decimal(repr(value)) if isinstance(value, float) else value for name, value in sent.items()}
    return BuiltInTransaction.model_validate(numbers)


def refusal(sent: dict[str, Any]) -> list[tuple[str, str]]:
    """Each field at fault with the code of its fault."""
    with pytest.raises(ValidationError) as refused:
        read(sent)
    return [(str(error["loc"][0]), error["type"]) for error in refused.value.errors()]


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        (Decimal("-0.01"), "greater_than_equal"),
        (10**15, "less_than"),
        (True, "money_type"),
        ("1000", "money_type"),
        (None, "money_type"),
        ([], "money_type"),
        (Decimal("NaN"), "money_finite"),
        (Decimal("Infinity"), "money_finite"),
        (Decimal("1e400"), "money_digits"),
        (10**38, "less_than"),
    ],
)
def test_an_amount_out_of_bounds_is_refused(sent: Sent, amount: object, code: str) -> None:
    assert refusal(sent(amount=amount)) == [("amount", code)]


@pytest.mark.parametrize(
    "amount", [0, Decimal("0.01"), 10**15 - 1, Decimal("999999999999999.9999999999999"), Decimal("1e-120")]
)
def test_an_amount_at_its_bounds_is_kept_exactly(sent: Sent, amount: int | Decimal) -> None:
    assert read(sent(amount=amount)).amount == amount


@pytest.mark.parametrize("balance", ["oldbalanceOrg", "newbalanceOrig", "oldbalanceDest", "newbalanceDest"])
def test_a_balance_may_be_overdrawn(sent: Sent, balance: str) -> None:
    assert getattr(read(sent(**{balance: -5})), balance) == -5
    assert refusal(sent(**{balance: -(10**15)})) == [(balance, "greater_than")]


@pytest.mark.parametrize(
    ("step", "code"),
    [
        (-1, "greater_than_equal"),
        (10**9 + 1, "less_than_equal"),
        (True, "int_type"),
        (Decimal("1.5"), "int_type"),
        (Decimal("1e400"), "less_than_equal"),
        ("1", "int_type"),
    ],
)
def test_a_step_is_a_whole_number_from_0_to_a_billion(sent: Sent, step: object, code: str) -> None:
    assert read(sent(step=0)).step == 0
    assert read(sent(step=10**9)).step == 10**9
    assert read(sent(step=Decimal("1.0"))).step == 1
    assert refusal(sent(step=step)) == [("step", code)]


@pytest.mark.parametrize("name", ["nameOrig", "nameDest"])
@pytest.mark.parametrize("value", ["", "x" * 65, "a\x00b", "a\nb", "a\x7fb", "\ud800", 7, None, {}])
def test_a_name_is_1_to_64_characters_without_controls(sent: Sent, name: str, value: object) -> None:
    assert getattr(read(sent(**{name: "x" * 64})), name) == "x" * 64
    [(field, _)] = refusal(sent(**{name: value}))
    assert field == name


@pytest.mark.parametrize("value", ["", "x" * 129, "a\x00b", "a\rb", "\udfff", 7, None])
def test_a_transaction_id_is_1_to_128_characters_without_controls(sent: Sent, value: object) -> None:
    assert read(sent(transaction_id="é" * 128)).transaction_id == "é" * 128
    [(field, _)] = refusal(sent(transaction_id=value))
    assert field == "transaction_id"


@pytest.mark.parametrize("value", [".", ".."])
def test_an_id_that_no_address_can_end_with_is_refused_and_says_why(sent: Sent, value: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_transaction(sent(transaction_id=value), "")
    fault = next(one for one in refused.value.faults if one.pointer == "/transaction_id")
    assert (fault.pointer, "no address can end with" in fault.detail) == ("/transaction_id", True)


@given(st.text(alphabet=".a\n", min_size=1, max_size=5))
def test_an_id_may_have_points_wherever_it_is_more_than_a_place(value: str) -> None:
    taken = "\n" not in value and value not in {".", ".."}
    assert (re.search(ID, value) is not None and not value.endswith("\n")) is taken
    assert TypeAdapter(StoredTransactionId).validate_python("..") == ".."


@pytest.mark.parametrize("value", ["payment", "REFUND", "", None, 1, ["PAYMENT"]])
def test_a_type_is_one_of_five(sent: Sent, value: object) -> None:
    assert refusal(sent(type=value)) == [("type", "literal_error")]


def test_a_field_that_nobody_knows_is_refused(sent: Sent) -> None:
    assert refusal(sent(currency="EUR")) == [("currency", "extra_forbidden")]


@pytest.mark.parametrize("field", sorted(REQUIRED))
def test_a_field_that_is_left_out_is_missed(sent: Sent, field: str) -> None:
    rest = sent()
    del rest[field]
    assert refusal(rest) == [(field, "missing")]


def test_without_an_id_each_gets_its_own(sent: Sent) -> None:
    nameless = sent()
    del nameless["transaction_id"]
    assert read(nameless).transaction_id != read(nameless).transaction_id


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-24T10:00:00Z", datetime(2026, 11, 24, 10, tzinfo=UTC)),
        ("2026-11-24 12:00:00.5+02:00", datetime(2026, 11, 24, 10, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-11-24t10:00:00.123456789z", datetime(2026, 11, 24, 10, 0, 0, 123_456, tzinfo=UTC)),
        ("1970-01-01T00:00:00Z", datetime(1970, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_time_is_read_as_utc(sent: Sent, text: str, instant: datetime) -> None:
    assert read(sent(occurred_at=text)).occurred_at == instant


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-24T10:00:00",
        "2026-11-24",
        "2026-02-30T10:00:00Z",
        "2026-11-24T25:00:00Z",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
        "٢٠٢٦-11-24T10:00:00Z",
        "1969-12-31T23:59:59Z",
        1795514400,
        True,
    ],
)
def test_a_time_without_an_offset_or_that_never_was_is_refused(sent: Sent, value: object) -> None:
    [(field, _)] = refusal(sent(occurred_at=value))
    assert field == "occurred_at"


@pytest.mark.parametrize("spelling", [1000, 1000.0, Decimal("1e3"), Decimal("1000.00")])
def test_the_content_is_the_same_however_its_numbers_are_spelled(sent: Sent, spelling: object) -> None:
    assert read(sent(amount=spelling)).content_hash() == read(sent()).content_hash()


def test_nought_has_one_spelling(sent: Sent) -> None:
    minus = read(sent(newbalanceDest=Decimal("-0.00")))
    assert minus.content_hash() == read(sent(newbalanceDest=0)).content_hash()
    assert str(minus.newbalanceDest) == "0"


@pytest.mark.parametrize(
    "change",
    [
        {"amount": Decimal("1000.00000000000000000001")},
        {"step": 2},
        {"nameDest": "M987654322"},
        {"transaction_id": "test_124"},
        {"occurred_at": "2026-11-24T10:00:00Z"},
    ],
)
def test_any_change_changes_the_content(sent: Sent, change: dict[str, Any]) -> None:
    assert read(sent(**change)).content_hash() != read(sent()).content_hash()


WHOLE = {"amount": 1000, "oldbalanceOrg": 5000, "newbalanceOrig": 4000, "oldbalanceDest": 0, "newbalanceDest": 0}


class Wider(BuiltInTransaction):
    """A payment as it may be one day."""

    device: Name | None = None


def test_a_time_that_is_null_is_one_that_was_left_out(sent: Sent) -> None:
    assert read(sent(occurred_at=None)).content_hash() == read(sent()).content_hash()


def test_a_new_optional_field_changes_no_hash_of_a_payment_without_it(sent: Sent) -> None:
    before, after = read(sent(**WHOLE)), Wider.model_validate(sent(**WHOLE))
    assert after.content_hash() == before.content_hash()
    assert after.has_content(before.content_hash())
    assert after.has_content(first_hash(before))


def test_a_payment_that_says_more_is_another_one(sent: Sent) -> None:
    before, more = read(sent(**WHOLE)), Wider.model_validate(sent(**WHOLE, device="phone"))
    assert not more.has_content(before.content_hash())
    assert not more.has_content(first_hash(before))


@given(transactions, transactions)
def test_hashes_are_made_as_those_in_the_store_were(one: BuiltInTransaction, other: BuiltInTransaction) -> None:
    assert one.content_hash() == second_hash(one)
    assert all(one.has_content(stored) for stored in hashes(one))
    assert one == other or not any(one.has_content(stored) for stored in hashes(other))


def test_hashes_stay_what_they_are(sent: Sent) -> None:
    """The first of them was written by version 0.1."""
    assert read(sent()).has_content("eb309bcbd081077e90b900c82ef77dd9")
    assert read(sent()).content_hash() == "2:e492ee684eaad6c6a224be72da2e5158"
    assert read(sent()).content_hash().startswith(SCHEME)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**15), max_value=10**15))
def test_money_is_never_rounded(value: Decimal) -> None:
    assert exact(value) == value


def test_every_number_of_the_json_text_is_read_exactly() -> None:
    parsed = strict_json.parse(b'{"amount": 0.1, "more": 1e-20}')
    assert parsed == {"amount": Decimal("0.1"), "more": Decimal("1e-20")}
    assert exact(Decimal("1e-20")) == Decimal(1).scaleb(-20)
