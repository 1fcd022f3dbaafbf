"""What is stored lies within what DynamoDB keeps, and is read back as what it was."""

from decimal import Decimal

import pytest
from boto3.dynamodb.types import DYNAMODB_CONTEXT
from hypothesis import example, given
from hypothesis import strategies as st

from fraudshield.text.number import exact
from fraudshield.text.stored_number import stored_float, stored_number, summand

sizes = st.floats(min_value=-1e15, max_value=1e15).map(lambda number: exact(Decimal(repr(number))))


@given(number=sizes)
@example(number=Decimal("1e-120"))
def test_every_number_that_we_take_is_stored_exactly(number: Decimal) -> None:
    for spelled in (stored_number(number), f"{number:f}"):
        assert DYNAMODB_CONTEXT.create_decimal(spelled) == number


@pytest.mark.parametrize(("number", "stored"), [("1E+3", "1000"), ("1E-20", "0." + "0" * 19 + "1"), ("0", "0")])
def test_numbers_of_before_are_spelled_as_before(number: str, stored: str) -> None:
    assert stored_number(Decimal(number)) == stored


@given(amount=sizes.filter(lambda number: 0 <= number < 10**15), total=st.integers(0, 10**17))
def test_a_sum_of_amounts_has_no_more_digits_than_are_kept(amount: Decimal, total: int) -> None:
    added = summand(amount)
    assert abs(added - amount) <= Decimal("1e-20")
    assert len((Decimal(total) + Decimal("0.01")).as_tuple().digits) < 28
    DYNAMODB_CONTEXT.create_decimal(str(DYNAMODB_CONTEXT.add(Decimal(total), added)))


@given(number=st.floats(allow_nan=False, allow_infinity=False))
@example(number=1e135)
@example(number=-2e-136)
@example(number=5e-324)
def test_a_feature_is_stored_on_its_own_side_of_zero(number: float) -> None:
    plainly = format(Decimal(stored_float(number)), "f")  # as an engine may give it back
    stored = float(DYNAMODB_CONTEXT.create_decimal(plainly))
    assert stored == number or abs(stored) in {1e-130, 1e37}
    assert (stored > 0, stored < 0) == (number > 0, number < 0)
