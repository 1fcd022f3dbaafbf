"""Numbers go in and come out as they were sent, whatever encoder wrote them."""

import json
from decimal import Decimal
from typing import Annotated

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, ValidationError

from fraudshield.text.fault import faults_of
from fraudshield.text.json_text import json_text
from fraudshield.text.number import MAX_DIGITS, WHOLE, exact
from fraudshield.text.strict_json import parse


class Counted(BaseModel):
    """An example of a whole number."""

    number: Annotated[int, Field(strict=True, ge=0, le=10**9), WHOLE]


def sent(number: str) -> object:
    """The number as a body has it."""
    return parse(number.encode())


def there_and_back(number: str) -> str:
    """The number as it is answered."""
    return json_text(exact(sent(number)))


@given(number=st.floats(min_value=-1e120, max_value=1e120))
@example(number=1.1641532182693481e-10)
@example(number=1.4210854715202004e-14)
@example(number=5e-324)
@example(number=-0.0)
@example(number=999999999999999.9)
def test_every_float_that_an_encoder_writes_comes_back(number: float) -> None:
    back = there_and_back(json.dumps(number))
    assert float(back) == (number if abs(number) >= 1e-120 else 0)
    assert "e" not in back.lower()


@given(number=st.decimals(-(10**15), 10**15, places=12).filter(lambda one: len(one.as_tuple().digits) <= MAX_DIGITS))
@example(number=Decimal("999999999999999.99"))
@example(number=Decimal("123456789012345.678901234"))
def test_up_to_28_digits_come_back_as_they_were_sent(number: Decimal) -> None:
    back = there_and_back(str(number))
    assert Decimal(back) == number
    assert exact(parse(back.encode())) == exact(number)


@pytest.mark.parametrize(
    ("spelled", "kept"),
    [
        ("0.000000000116415321826934810000000000", "0.00000000011641532182693481"),
        ("0." + "1" * 39, "0." + "1" * 28),
        ("1." + "0" * 60, "1.0"),
        ("1e-121", "0.0"),
        ("-1e-400", "0.0"),
        ("1e-120", "0." + "0" * 119 + "1"),
        ("0e-999", "0.0"),
        ("0e999", "0.0"),
        ("1000", "1000.0"),
        ("1e3", "1000.0"),
        ("10000000000000000", "10000000000000000.0"),
        ("12345678901234567890", "12345678901234567890"),
    ],
)
def test_long_and_small_numbers_are_kept_as_far_as_they_say_something(spelled: str, kept: str) -> None:
    assert Decimal(there_and_back(spelled)) == Decimal(kept)
    assert "E" not in there_and_back(spelled).upper()


@pytest.mark.parametrize("spelled", ["1e121", "-1e400", "1e999999"])
def test_what_no_field_holds_is_refused(spelled: str) -> None:
    with pytest.raises(ValueError, match="less than 1e120"):
        exact(sent(spelled))


@pytest.mark.parametrize("spelled", ["7", "7.0", "7e0", "0.7e1", "70e-1", "7.000000000000000000000000000000000000"])
def test_a_whole_number_is_one_however_it_is_spelled(spelled: str) -> None:
    assert Counted.model_validate({"number": sent(spelled)}).number == 7


@pytest.mark.parametrize(
    ("spelled", "said"),
    [
        ("1.5", "Input should be a valid integer, found 1.5"),
        ("1e-999", "Input should be a valid integer, found 1e-999"),
        ("15e-1", "Input should be a valid integer, found 15e-1"),
        ("-0.15E+1", "Input should be a valid integer, found -0.15E+1"),
        ("true", "Input should be a valid integer, found true"),
        ('"1"', "Input should be a valid integer, found '1'"),
        ("-1.0", "Input should be greater than or equal to 0, found -1.0"),
        ("1e400", "Input should be less than or equal to 1000000000, found 1e400"),
        ("-1e99999", "Input should be greater than or equal to 0, found -1e99999"),
    ],
)
def test_a_number_that_is_none_of_them_is_named_as_it_was_sent(spelled: str, said: str) -> None:
    body = {"number": sent(spelled)}
    with pytest.raises(ValidationError) as refused:
        Counted.model_validate(body)
    assert faults_of(refused.value, sent=body)[0].detail == said


@given(
    content=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False, allow_infinity=False),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ),
    numbers=st.lists(st.decimals(allow_nan=False, allow_infinity=False, places=20)),
)
def test_json_is_what_pythons_encoder_writes_but_for_decimals(content: object, numbers: list[Decimal]) -> None:
    assert json_text(content) == json.dumps(content, separators=(",", ":"))
    assert json.loads(json_text([content, numbers]), parse_float=Decimal)[1] == numbers


@pytest.mark.parametrize("spelled", ["1e999999999", "-1e-999999999", "0e999999999", "1.5e151"])
def test_a_number_that_no_field_holds_is_not_written_digit_by_digit(spelled: str) -> None:
    written = json_text([{"number": sent(spelled)}])
    assert len(written) < 40
    assert json.loads(written, parse_float=Decimal) == [{"number": Decimal(spelled)}]


def test_nothing_else_is_written() -> None:
    with pytest.raises(TypeError, match="nothing that JSON has"):
        json_text({1, 2})
