"""What the fields of a payment hold: told by the model, for whoever stores, shows or reads them."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from pydantic import BaseModel

from fraudshield.transaction.built_in import BuiltInTransaction, Money
from fraudshield.transaction.field import KINDS, NULLABLE, OPTIONAL, REQUIRED, kinds, nullable, shown
from fraudshield.transaction.transaction import Instant, Name


class Wider(BuiltInTransaction):
    """A payment as it may be one day."""

    device: Name | None = None
    fee: Money | None = None
    hops: int | None = None
    seen_at: Instant | None = None


def test_every_field_of_a_payment_has_its_kind() -> None:
    assert KINDS.keys() == BuiltInTransaction.model_fields.keys() == {*REQUIRED, *OPTIONAL}
    assert (KINDS["step"], KINDS["type"], KINDS["amount"], KINDS["occurred_at"]) == (int, str, Decimal, datetime)


def test_a_new_field_has_its_kind_too() -> None:
    new: dict[str, type] = {"device": str, "fee": Decimal, "hops": int, "seen_at": datetime}
    assert kinds(Wider) == {**KINDS, **new}
    assert nullable(Wider) == NULLABLE | new.keys()


def test_what_a_payment_need_not_say_is_null_by_default() -> None:
    """Else a default that was not sent would be part of the content, and a repeat of an earlier payment a conflict."""
    assert {*OPTIONAL} - {"transaction_id"} == NULLABLE


def test_a_field_that_nobody_can_store_is_refused() -> None:
    class Odd(BaseModel):
        ratio: float
        either: int | str
        name: str

    with pytest.raises(TypeError, match="either, ratio"):
        kinds(Odd)


@pytest.mark.parametrize(
    ("value", "response"),
    [
        (Decimal("12.5"), Decimal("12.5")),
        (datetime(2026, 11, 24, tzinfo=UTC), "2026-11-24T00:00:00Z"),
        ("x", "x"),
        (7, 7),
    ],
)
def test_a_value_is_shown_as_json_has_it(value: object, response: object) -> None:
    assert shown(value) == response
