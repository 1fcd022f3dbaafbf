"""What is wrong with an expression is said in words, with its place and what was probably meant."""

import string
from random import Random

import pytest

from fraudshield.expression.expression import condition, feature
from fraudshield.expression.fault import ExpressionFault, InvalidExpression
from fraudshield.expression.lexer import MOST_CHARACTERS
from fraudshield.expression.reading import NotEvaluated
from tests.unit.expression.random_expression import Expressions
from tests.unit.expression.random_value import ENVIRONMENT

FAULTS = [
    ("", 0, "empty", None),
    ("   ", 0, "empty", None),
    ("amuont > 5", 0, "unknown_name", "amount"),
    ("known && Amount > 5", 9, "unknown_name", "amount"),
    ("xyzzy > 5", 0, "unknown_name", None),
    ("amount > 5 AND known", 11, "unexpected", "and"),
    ("amount = 5", 7, "character", "=="),
    ("known & known", 6, "character", "&&"),
    ("known | known", 6, "character", "||"),
    ('kind == "A', 8, "text_unclosed", None),
    (r'kind == "\q"', 9, "escape", None),
    (r'kind == "\ud800"', 9, "escape", None),
    ('kind == "a\nb"', 10, "character", None),
    ("amount > 5u", 10, "number", None),
    ("amount > 0x10", 10, "number", None),
    ("amount > 1.", 10, "number", None),
    ("amount > 1e999", 9, "number_too_large", None),
    ("amount > 1e99999999999999999999", 9, "number_too_large", None),
    ("amount > 1e-200", 9, "number_too_large", None),
    ("amount >", 7, "unexpected_end", None),
    ("(amount > 5", 10, "unexpected_end", None),
    ("amount > 5)", 10, "unexpected", None),
    ("amount > 5 known", 11, "unexpected", None),
    ("known ? known", 12, "unexpected_end", None),
    ("amount > kind", 7, "kind", None),
    ("kind > payee", 5, "kind", None),
    ("!kind", 0, "kind", None),
    ("-kind == 5", 0, "kind", None),
    ("known && amount", 9, "kind", None),
    ("amount ? known : known", 0, "kind", None),
    ("(known ? 1 : kind) == 1", 7, "kind", None),
    ("amount % 2 == 0", 7, "kind", None),
    ("paid_at + opened_at > 5", 8, "kind", None),
    ("kind in [1]", 9, "kind", None),
    ("kind in [payee]", 9, "list_use", None),
    ("kind in payee", 5, "list_use", None),
    ("[1] == 1", 0, "list_use", None),
    ("lists.trusted", 0, "list_use", None),
    ("payee in lists.trustd", 9, "unknown_list", "lists.trusted"),
    ('"a" in lists.trusted', 0, "list_operand", None),
    ("payee.lowerAscii().lowerAscii() in lists.trusted", 19, "list_operand", None),
    ("count_1h in lists.trusted", 0, "list_operand", None),
    ("amount in lists.trusted", 0, "kind", None),
    ("lower(payee) == payee", 0, "unknown_function", "lowerAscii"),
    ('startsWith(payee, "a")', 0, "unknown_function", None),
    ("payee.size() > 1", 6, "unknown_function", None),
    ("payee.startswith(kind)", 6, "unknown_function", "startsWith"),
    ("payee.startsWith(5)", 6, "arguments", None),
    ("size(amount) > 5", 0, "arguments", None),
    ("abs(amount, fee) > 5", 0, "arguments", None),
    ("min(amount) > 5", 0, "arguments", None),
    ("has(5)", 0, "arguments", None),
    ("has(payee == kind)", 0, "arguments", None),
    ('paid_at - opened_at > duration("3d")', 31, "duration", None),
    ('paid_at - opened_at > duration("0.5us")', 31, "duration", None),
    ('paid_at - opened_at > duration("999999999999h")', 31, "duration", None),
    ("paid_at - opened_at > duration(kind)", 22, "arguments", None),
    ('hour(paid_at, "Europe/Berln") > 5', 14, "unknown_zone", "Europe/Berlin"),
    ('hour(paid_at, "../../etc/passwd") > 5', 14, "unknown_zone", None),
    ('hour(paid_at, "localtime") > 5', 14, "unknown_zone", None),
    ("hour(paid_at, kind) > 5", 0, "arguments", None),
    ("amount == not known", 10, "unexpected", "!"),
    ("amount + 5", 7, "result", None),
    ("paid_at - opened_at", 8, "result", None),
]
LOOK_ALIKES = [
    ("\u0430mount > 5", 0, None),  # a Cyrillic letter
    ("amount > \uff15", 9, "5"),  # a wide digit
    ("amount > \u0665", 9, None),  # an Arabic digit
    ("amount\u00a0> 5", 6, " "),
    ("amount \uff1e 5", 7, ">"),
    ("amount \u2265 5", 7, ">="),
    ("kind == \u201cA\u201d", 8, '"'),
    ("known\u200b", 5, None),
    ("known \u202e", 6, None),
    ('kind == "a\u202eb"', 10, None),
    ('kind == "a\u200bb"', 10, None),
]


ODD = "\u00e4\u0430\u201c\u221e\u202e\U0001f600\x00"


def places(text: str) -> tuple[ExpressionFault, ...]:
    with pytest.raises(InvalidExpression) as refused:
        condition(text, ENVIRONMENT)
    return refused.value.places


@pytest.mark.parametrize(("text", "position", "code", "suggestion"), FAULTS)
def test_a_fault_has_its_place_and_what_was_meant(text: str, position: int, code: str, suggestion: str | None) -> None:
    [fault] = places(text)
    assert (fault.position, fault.code, fault.suggestion) == (position, code, suggestion)


@pytest.mark.parametrize(("text", "position", "suggestion"), LOOK_ALIKES)
def test_what_only_looks_like_a_sign_is_refused(text: str, position: int, suggestion: str | None) -> None:
    [fault] = places(text)
    assert (fault.position, fault.code, fault.suggestion) == (position, "character", suggestion)


def test_every_fault_of_the_kinds_is_said_at_once_in_the_order_of_the_text() -> None:
    faults = places("amuont > 5 || kind > 5 || payee in lists.nobody")
    assert [(one.position, one.code) for one in faults] == [(0, "unknown_name"), (19, "kind"), (35, "unknown_list")]


def test_the_risk_is_for_rules_only() -> None:
    with pytest.raises(InvalidExpression, match="rules only"):
        feature("risk * 2", type(ENVIRONMENT)(ENVIRONMENT.fields))


def test_the_message_says_the_first_fault_as_people_count_characters() -> None:
    with pytest.raises(InvalidExpression, match=r"no field or aggregate 'foo' \(character 10\)"):
        condition("known && foo > 5", ENVIRONMENT)


def faults_of(text: str) -> tuple[ExpressionFault, ...]:
    """The faults of a text; none of one that happens to be an expression."""
    try:
        feature(text, ENVIRONMENT)
    except InvalidExpression as error:
        return error.places
    return ()


def broken(text: str, random: Random) -> str:
    """The text with some of it gone, doubled, moved, or replaced by anything."""
    at, end = sorted(random.randrange(len(text) + 1) for _ in range(2))
    anything = "".join(random.choice(string.printable + ODD) for _ in range(random.randrange(1, 6)))
    some = random.choice(
        ["", anything, text[at:end] * 2, random.choice(["(", ")", "&&", '"', "\\", "lists.", "in", "1e"])]
    )
    return text[:at] + some + text[min(end, at + random.randrange(4)) :]


def test_2_000_broken_texts_have_each_a_place_inside_the_text() -> None:
    random, refused = Random(5), 0
    made = Expressions(random, wide=True)
    while refused < 2000:
        text = broken(made.condition(1).text, random)
        faults = faults_of(text)
        refused += bool(faults)
        assert all(0 <= fault.position < max(len(text), 1) and fault.detail for fault in faults), text


def test_random_bytes_are_refused_with_a_place() -> None:
    random = Random(6)
    for _ in range(1000):
        text = "".join(chr(random.randrange(1, 0x3000)) for _ in range(random.randrange(1, 40)))
        assert all(0 <= fault.position < len(text) for fault in places(text))


@pytest.mark.parametrize("opening", ["(", "!", "-", "[", "has(", "not ", "true ? true : ", "abs(", "1 + ("])
def test_nesting_without_end_is_refused(opening: str) -> None:
    [long] = places(opening * 10_000 + "1")
    assert (long.position, long.code) == (MOST_CHARACTERS, "too_long")
    [deep] = places((opening * 10_000)[: MOST_CHARACTERS - 1] + "1")
    assert deep.code == "too_deep"


def test_a_megabyte_is_refused_unread() -> None:
    [fault] = places("\x00" * 1_000_000)
    assert (fault.position, fault.code) == (MOST_CHARACTERS, "too_long")


def test_4_096_characters_are_taken_and_one_more_is_not() -> None:
    text = "known".ljust(MOST_CHARACTERS)
    assert condition(text, ENVIRONMENT).evaluate({"known": True}) is True
    assert places(f"{text} ")[0].code == "too_long"


@pytest.mark.parametrize(
    ("opening", "closing", "most"),
    [("(", ")", 63), ("!", "", 63), ("!(", ")", 31), ("abs(", ")", 62), ("true ? known : ", "", 63)],
)
def test_64_levels_are_taken_and_one_more_is_not(opening: str, closing: str, most: int) -> None:
    inner = "amount" if opening == "abs(" else "known"
    after = " > 0" if opening == "abs(" else ""
    condition(opening * most + inner + closing * most + after, ENVIRONMENT)
    assert places(opening * (most + 1) + inner + closing * (most + 1) + after)[0].code == "too_deep"


def test_a_chain_of_conditions_is_one_level_and_a_sum_one_for_each_sign() -> None:
    condition(" || ".join(["known"] * 400), ENVIRONMENT)
    assert condition(" + ".join(["1"] * 63) + " > 0", ENVIRONMENT).evaluate({}) is True
    assert places(" + ".join(["1"] * 64) + " > 0")[0].code == "too_deep"


@pytest.mark.parametrize("shape", ["(", "!(", "-(", "abs(", "min(1, ", "1 + (", "1 / (", "known ? 1 : (", "2 * abs("])
def test_the_deepest_nesting_of_every_kind_becomes_a_function(shape: str) -> None:
    inner = "known" if "!" in shape else "amount"
    texts = {depth: shape * depth + inner + ")" * (shape.count("(") * depth) for depth in range(64, 0, -1)}
    faults = {depth: faults_of(text) for depth, text in texts.items()}
    assert {fault.code for found in faults.values() for fault in found} == {"too_deep"}
    deepest = max(depth for depth, found in faults.items() if not found)
    assert deepest >= 20
    found = feature(texts[deepest], ENVIRONMENT).evaluate({"amount": 3, "known": True})
    assert not isinstance(found, NotEvaluated)
