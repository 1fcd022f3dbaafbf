"""Expressions: conditions of rules and numbers of features, checked once and evaluated for every payment.

    environment = Environment(fields={"amount": Kind.MONEY, "kind": Kind.CATEGORY}, lists=frozenset({"trusted"}))
    rule = condition('amount > 1000 && kind in ["TRANSFER", "CASH_OUT"]', environment)
    rule.evaluate({"amount": Decimal("1200.50"), "kind": "TRANSFER"})  # True
    rule.evaluate({"amount": Decimal("1200.50")})  # NotEvaluated(code="missing", name="kind")

`fraudshield.expression.columns` evaluates the same for a file. The language is in docs/expressions.md.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from fraudshield.expression.careful import careful
from fraudshield.expression.checker import check
from fraudshield.expression.fault import ExpressionFault, InvalidExpression
from fraudshield.expression.generator import generate
from fraudshield.expression.kind import said
from fraudshield.expression.names import NUMBERS, RISK, TEXTS, Environment, Kind, ListQuestion, UsedNames
from fraudshield.expression.parser import parse
from fraudshield.expression.reading import Result, Values
from fraudshield.expression.rendering import with_values
from fraudshield.expression.tree import Constant, ListMembership, LowerCase, Reading, Selection, Tree, below

CONDITION = frozenset({Kind.BOOLEAN})
FEATURE = NUMBERS | TEXTS | CONDITION


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """An expression that goes with its environment.

    `evaluate(values, lists={})` gives what it is for one payment: True or False (held or not), a float64, a text, or
    `NotEvaluated` with the reason. Values are by name, what is missing is absent or None: numbers finite (money a
    `Decimal` or an `int`), instants aware and in UTC; what was not read is an `Unread`, what is only known to be so
    much or more an `AtLeast`. Lists are by name: anything that says whether it holds a text.
    """

    text: str
    tree: Tree
    names: UsedNames
    evaluate: Callable[..., Result] = field(repr=False)

    @property
    def kind(self) -> Kind:
        """What it gives."""
        return self.tree.kind

    def text_with_values(self, values: Values, masked: Collection[str] = ()) -> str:
        """The text with each value behind its name; names in `masked` show none."""
        return with_values(self.text, _readings(self.tree), values, masked)


def condition(text: str, environment: Environment) -> Expression:
    """A condition. Raises InvalidExpression with every fault and its place."""
    return _expression(text, environment, CONDITION)


def feature(text: str, environment: Environment) -> Expression:
    """What a model reads: a number, a condition (1 or 0) or a category, and no free text. Raises InvalidExpression."""
    made = _expression(text, environment, FEATURE)
    if made.kind in TEXTS and not _is_category(made.tree):
        detail = f"the whole gives {said(made.tree)}, and a number, a condition or a category is wanted"
        raise InvalidExpression([ExpressionFault(0, detail, "result")])
    return made


def _expression(text: str, environment: Environment, wanted: frozenset[Kind]) -> Expression:
    tree = check(text, parse(text), environment, wanted)
    return Expression(text, tree, _names(tree, environment), generate(tree, careful(tree)))


def _is_category(tree: Tree) -> bool:
    """Whether a text is one of few: a category, a literal, or either of such."""
    if isinstance(tree, Selection):
        return _is_category(tree.then) and _is_category(tree.otherwise)
    return (
        _is_category(tree.text)
        if isinstance(tree, LowerCase)
        else isinstance(tree, Constant) or tree.kind is Kind.CATEGORY
    )


def _readings(tree: Tree) -> list[Reading]:
    return [one for one in below(tree) if isinstance(one, Reading)]


def _names(tree: Tree, environment: Environment) -> UsedNames:
    names = {reading.name for reading in _readings(tree)}
    questions = (one for one in below(tree) if isinstance(one, ListMembership))
    return UsedNames(
        fields=frozenset(names & environment.fields.keys()),
        aggregates=frozenset(names & environment.aggregates.keys()),
        lists=frozenset(ListQuestion(one.list_name, one.reading.name, one.lower) for one in questions),
        risk=RISK in names,
    )
