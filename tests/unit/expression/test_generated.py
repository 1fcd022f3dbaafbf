"""The function that is made of an expression: names of our own, and nothing of what somebody wrote."""

import ast
from dataclasses import replace
from typing import cast

import pytest

from fraudshield.expression import generator
from fraudshield.expression.careful import careful
from fraudshield.expression.columns import columns
from fraudshield.expression.expression import condition, feature
from fraudshield.expression.reading import AtLeast, Unread
from fraudshield.expression.syntax import ChoicesSyntax
from fraudshield.expression.tree import Inversion, Tree
from tests.unit.expression.agreement import samples
from tests.unit.expression.random_value import ENVIRONMENT

OURS = {
    "values",
    "lists",
    "last",
    "least",
    "most",
    "true",
    "unread",
    "no_value",
    "no_lists",
    "careful",
    "without_value",
}
ATTRIBUTES = {"startswith", "endswith", "get", "__class__"}


def strangers(tree: ast.AST) -> set[object]:
    """What stands in generated code and is neither a name of ours nor None."""
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    ours = {name for name in names if name in OURS or name.startswith(("constant_", "call_"))}
    constants = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return (names - ours) | (constants - {None}) | (attributes - ATTRIBUTES)


def test_generated_code_holds_nothing_of_the_text() -> None:
    for sample in samples(60, seed=7, wide=True):
        assert strangers(ast.parse(generator.source(feature(sample.text, ENVIRONMENT).tree))) == set()


def test_a_text_that_would_be_code_is_only_compared() -> None:
    evil = '__import__("os").system("id")'
    rule = condition(f"payee == '{evil}'", ENVIRONMENT)
    assert "import" not in generator.source(rule.tree)
    assert rule.evaluate({"payee": evil}) is True


def test_spliced_text_would_be_found() -> None:
    assert strangers(ast.parse("amount > 5 and values['x'].system()")) == {"amount", 5, "x", "system"}


def test_a_function_knows_no_builtins() -> None:
    assert condition("known", ENVIRONMENT).evaluate.__globals__["__builtins__"] == {}


@pytest.mark.parametrize("value", [Unread(), AtLeast(1)])
def test_what_was_not_read_cannot_be_worked_with(value: object) -> None:
    for work in (bool, hash, lambda one: one == 1, lambda one: one < 1, lambda one: 1 in one):
        with pytest.raises(TypeError):
            work(value)


def test_what_is_no_tree_is_refused_by_every_evaluation() -> None:
    rule = condition("known", ENVIRONMENT)
    stranger = replace(rule, tree=cast(Tree, ChoicesSyntax((), 0)))
    with pytest.raises(TypeError, match="no part"):
        careful(stranger.tree)
    with pytest.raises(TypeError, match="no part"):
        generator.source(Inversion(stranger.tree))
    with pytest.raises(TypeError, match="no part"):
        columns(stranger, {}, 0)
