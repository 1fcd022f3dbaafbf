"""Card numbers among other digits, and that no message repeats one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from fraudshield.text.card_number import is_card_number, says_card
from fraudshield.text.fault import faults_of

# The numbers that issuers publish for tests.
PUBLISHED = [
    "4111111111111111",
    "4222222222222",
    "5555555555554444",
    "2223003122003222",
    "378282246310005",
    "6011111111111117",
    "30569309025904",
    "3530111333300000",
    "6304000000000000",
    "4917610000000000003",
]


@pytest.mark.parametrize("number", PUBLISHED)
def test_published_numbers_are_found_however_they_are_grouped(number: str) -> None:
    grouped = [number, number[:4] + " " + number[4:8] + "-" + number[8:], int(number)]
    assert [is_card_number(one) for one in grouped] == [True] * 3


@given(number=st.sampled_from(PUBLISHED), at=st.integers(0, 12), by=st.integers(1, 9))
def test_a_number_with_one_wrong_digit_is_none(number: str, at: int, by: int) -> None:
    wrong = number[:at] + str((int(number[at]) + by) % 10) + number[at + 1 :]
    assert not is_card_number(wrong)


@pytest.mark.parametrize(
    "other", ["", "411111111111", "41111111111111111111", "1111111111111117", "tok_4111111111111111", None, 1.5]
)
def test_other_values_are_none(other: object) -> None:
    assert not is_card_number(other)


@pytest.mark.parametrize(("name", "says"), [("card", True), ("cardNumber", True), ("pan", True), ("company", False)])
def test_a_name_says_card(name: str, says: bool) -> None:
    assert says_card(name) is says


@pytest.mark.parametrize("sent", [4111111111111111, "4111 1111 1111 1111 "])
def test_a_fault_repeats_no_card_number(sent: object) -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(bool).validate_python(sent)
    [fault] = faults_of(refused.value, sent=sent)
    assert fault.detail.endswith("found a card number")
