"""The built-in event type says of a payment what has always been asked of one."""

from datetime import datetime
from decimal import Decimal
from typing import Any, get_args

import pytest
from pydantic import TypeAdapter, ValidationError

from fraudshield.event_type.payment import BUILT_IN, PAYMENT_FIELDS
from fraudshield.transaction.built_in import BuiltInTransaction, TransactionType
from fraudshield.transaction.field import KINDS, REQUIRED

HELD = {"text": str, "category": str, "money": Decimal, "integer": int, "instant": datetime}


def test_it_has_the_fields_of_a_transaction_in_their_order() -> None:
    assert {name: HELD[field.kind] for name, field in BUILT_IN.fields.items()} == KINDS
    assert [*BUILT_IN.fields] == [*KINDS]


def test_it_requires_what_a_transaction_requires() -> None:
    assert [name for name, field in BUILT_IN.fields.items() if field.required] == [*REQUIRED]


def test_its_types_are_those_of_a_transaction() -> None:
    assert PAYMENT_FIELDS["type"].values == get_args(TransactionType)


@pytest.mark.parametrize("name", [name for name, field in PAYMENT_FIELDS.items() if field.minimum is not None])
def test_its_bounds_are_those_of_a_transaction(name: str) -> None:
    field: Any = TypeAdapter(BuiltInTransaction.__annotations__[name])
    low = PAYMENT_FIELDS[name].minimum
    assert low is not None
    assert field.validate_python(int(low)) == low
    with pytest.raises(ValidationError):
        field.validate_python(int(low) - 1)


def test_its_digest_is_the_same_in_every_release() -> None:
    assert BUILT_IN.digest == "ede1d26b70b6c26b07603f9e2705c87b50c6d4ba5d883517c622876868feacf0"
