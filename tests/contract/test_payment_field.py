"""Nobody lists a payment's fields by hand: a list of them is a place where the next field would be forgotten."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from fraudshield.transaction.built_in import BuiltInTransaction

ROOT = Path(__file__).parents[2]
LAYER = ROOT / "layers/fraudshield/fraudshield"
MANY = 6  # what a rule or a feature reads are fewer
FIELDS = BuiltInTransaction.model_fields.keys()

# What chooses, and would be wrong if it followed the model.
CHOICES = {
    "PAYMENT_FIELDS": "the built-in event type is what a payment was before there were types, and stays so",
    "FIRST_FIELDS": "the first scheme of hashes covers the fields of its time",
    "OwnField": "which fields a policy's conditions may test is part of the contract",
    "READ_AT_ONCE": "columns of a file that are read at once; all others row by row",
    "_columns": "reads those",
    "EXPORTED": "the columns of an export, which stand in it whatever the type",
    "PAYMENT": "the example that the contract shows, which has no optional field",
    "listed": "a list shows what the indexes carry, and each attribute there is paid for with every write",
}


def lists(source: str) -> Iterator[str]:
    """Functions and assignments that name many fields."""
    for top in ast.parse(source).body:
        for node in top.body if isinstance(top, ast.ClassDef) else [top]:
            inside = list(ast.walk(node))
            named = {one.value for one in inside if isinstance(one, ast.Constant)} | {
                one.attr for one in inside if isinstance(one, ast.Attribute)
            }
            if len(named & FIELDS) >= MANY:
                yield _name(node)


def _name(node: ast.stmt) -> str:
    if isinstance(node, ast.Assign):
        return ast.unparse(node.targets[0])
    return str(getattr(node, "name", "")) or ast.unparse(node)[:40]


@cache
def found() -> dict[str, list[str]]:
    trees = (LAYER, ROOT / "functions", ROOT / "infra")
    return {str(path): list(lists(path.read_text())) for tree in trees for path in sorted(tree.rglob("*.py"))}


def test_only_choices_name_many_fields() -> None:
    assert {path: names for path, each in found().items() if (names := set(each) - CHOICES.keys())} == {}


def test_every_choice_is_there() -> None:
    assert {name for names in found().values() for name in names} == CHOICES.keys()


@pytest.mark.parametrize(
    "planted",
    [
        'COLUMNS = ("amount", "oldbalanceOrg", "newbalanceOrig", "oldbalanceDest", "newbalanceDest", "step")',
        "def show(t):\n    return [t.step, t.type, t.amount, t.nameOrig, t.nameDest, t.oldbalanceOrg]",
        "class A:\n    def b(s, t):\n        return [t.step, t.type, t.amount, t.nameOrig, t.nameDest, 'occurred_at']",
    ],
)
def test_a_list_by_hand_is_found(planted: str) -> None:
    assert len(list(lists(planted))) == 1
