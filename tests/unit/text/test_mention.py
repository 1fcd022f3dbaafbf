"""Erased accounts in a text: found wherever a person would find them, and nowhere else."""

import pytest

from fraudshield.text.fault import _shown
from fraudshield.text.mention import Mentions, without_cut


def replaced(text: str, *gone: str) -> str:
    return Mentions(lambda name: name in gone, lambda _: "P").replaced(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("C7", "P"),
        (" C7 ", "P"),
        ("'C7", "P"),
        ("paid to C7.", "paid to P."),
        ("C7, C8 and C7", "P, C8 and P"),
        ("from=C7;to=C8", "from=P;to=C8"),
        ('{"name": "C7"}', '{"name": "P"}'),
        ("Input should be a number, found 'C7'", "Input should be a number, found 'P'"),
        ("(C7)", "(P)"),
    ],
)
def test_a_name_is_found_in_any_text(text: str, expected: str) -> None:
    assert replaced(text, "C7") == expected


@pytest.mark.parametrize("text", ["C77", "xC7", "C7-1", "C7_1", "c7", "", "C 7"])
def test_what_is_part_of_another_word_is_another_name(text: str) -> None:
    assert replaced(text, "C7") == text


NAMES = [
    *("Jo Smith", "O'Brien", 'the "Ox"', "A.B. (Ltd)", "back\\slash", "=C7", "a,b"),
    *("R\u00e9ne", "Re\u0301ne", "\u738b\u5c0f\u660e", "zero\u200bwidth"),
]


@pytest.mark.parametrize("name", NAMES)
def test_any_name_is_found_as_a_fault_repeats_it(name: str) -> None:
    assert name not in replaced(f"Input should be a number, found {_shown(name)}", name)
    assert "P" in replaced(f"Input should be a number, found {_shown(name)}", name)
    assert replaced(name, name) == "P"


@pytest.mark.parametrize("name", ["Jo Smith", "Re\u0301ne", "\u738b\u5c0f\u660e"])
def test_a_name_of_several_words_is_found_among_others(name: str) -> None:
    assert replaced(f"call {name} back", name) == "call P back"


def test_a_long_value_of_which_a_fault_has_only_the_beginning_is_not_kept() -> None:
    said = f"Input should be a number, found {_shown('N' * 64)}"
    assert "NNN" in said
    assert without_cut(said) == "Input should be a number, found a long text"
    assert without_cut("found 'C7'") == "found 'C7'"
