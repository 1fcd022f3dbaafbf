"""Whether an expression goes with the names and kinds there are: a tree, or every fault with its place."""

from collections.abc import Callable, Mapping
from typing import Any, cast, get_args

from fraudshield.expression import literal
from fraudshield.expression.fault import ExpressionFault, InvalidExpression
from fraudshield.expression.function import AT_THE_CALL, FUNCTIONS, METHODS, Arguments, misuse
from fraudshield.expression.kind import SAID, arithmetic_kind, common_kind, family, said
from fraudshield.expression.lexer import inside
from fraudshield.expression.names import LISTS, NUMBERS, RISK, TEXTS, Environment, Kind, nearest
from fraudshield.expression.syntax import (
    BinarySyntax,
    CallSyntax,
    ChoicesSyntax,
    ConditionalSyntax,
    JunctionSyntax,
    ListNameSyntax,
    NameSyntax,
    NumberSyntax,
    Syntax,
    TextSyntax,
    TruthSyntax,
    UnarySyntax,
)
from fraudshield.expression.tree import (
    Arithmetic,
    Comparison,
    Constant,
    DurationRatio,
    Elapsed,
    Inversion,
    Junction,
    ListMembership,
    Membership,
    Negation,
    Operator,
    Reading,
    Relation,
    Selection,
    Tree,
    is_bare_money,
)

RELATIONS = frozenset(get_args(Relation))
ORDERED = NUMBERS | {Kind.INSTANT, Kind.DURATION}


def check(text: str, syntax: Syntax, environment: Environment, wanted: frozenset[Kind]) -> Tree:
    """The tree of an expression that gives one of the wanted kinds. Raises InvalidExpression with every fault."""
    checker = _Checker(text, environment)
    tree = checker.tree(syntax)
    if tree is not None and tree.kind not in wanted:
        wants = " or ".join(dict.fromkeys(SAID[kind] for kind in Kind if kind in wanted))
        checker.fault(syntax.at, "result", f"the whole gives {said(tree)}, and {wants} is wanted")
    if tree is None or checker.faults:
        raise InvalidExpression(sorted(checker.faults, key=lambda fault: fault.position))
    return tree


class _Checker:
    """Goes over the syntax once; where something is wrong it notes the fault, gives None, and goes on elsewhere."""

    def __init__(self, text: str, environment: Environment) -> None:
        self.text = text
        self.environment = environment
        self.faults: list[ExpressionFault] = []
        self.checks: Mapping[type[Syntax], Callable[[Syntax], Tree | None]] = cast(
            Mapping[type[Syntax], Callable[[Syntax], Tree | None]],
            {
                NumberSyntax: self._number,
                TextSyntax: lambda syntax: Constant(syntax.text, Kind.TEXT),
                TruthSyntax: lambda syntax: Constant(syntax.holds, Kind.BOOLEAN),
                NameSyntax: self._reading,
                ListNameSyntax: self._stray_list,
                ChoicesSyntax: self._stray_choices,
                UnarySyntax: self._unary,
                BinarySyntax: self._binary,
                JunctionSyntax: self._junction,
                ConditionalSyntax: self._selection,
                CallSyntax: self._call,
            },
        )

    def tree(self, syntax: Syntax) -> Tree | None:
        """The tree of this; None, and a fault noted, where there is none."""
        return self.checks[type(syntax)](syntax)

    def fault(self, at: int, code: str, detail: str, suggestion: str | None = None) -> Any:
        """Notes a fault; gives None, as what is faulty does."""
        self.faults.append(ExpressionFault(inside(self.text, at), detail, code, suggestion))

    def _number(self, syntax: NumberSyntax) -> Any:
        return literal.number(syntax.text) or self.fault(
            syntax.at, "number_too_large", "a number lies below 1e120 and, but for 0, above 1e-120 in size"
        )

    def _reading(self, syntax: NameSyntax) -> Any:
        kind = self.environment.kind(syntax.name)
        if kind:
            return Reading(syntax.name, kind, syntax.at)
        if syntax.name == RISK:
            return self.fault(syntax.at, "risk_not_allowed", "the risk can be used in rules only")
        near = nearest(syntax.name, self.environment.known())
        return self.fault(syntax.at, "unknown_name", f"there is no field or aggregate {syntax.name!r}", near)

    def _stray_list(self, syntax: ListNameSyntax) -> None:
        self.fault(syntax.at, "list_use", f"a list is used as FIELD in {LISTS}.{syntax.name}")

    def _stray_choices(self, syntax: ChoicesSyntax) -> None:
        self.fault(syntax.at, "list_use", "a list in brackets stands after `in` only")

    def _unary(self, syntax: UnarySyntax) -> Any:
        operand = self.tree(syntax.operand)
        if operand is None:
            return None
        if syntax.operator == "!" and operand.kind is Kind.BOOLEAN:
            return Inversion(operand)
        if syntax.operator == "-" and operand.kind in NUMBERS:
            return _negative(operand)
        if syntax.operator == "!":
            detail = f"! takes a condition, and this is {said(operand)}; put what is meant in parentheses"
            return self.fault(syntax.at, "kind", detail)
        return self.fault(syntax.at, "kind", f"- takes a number, and this is {said(operand)}")

    def _binary(self, syntax: BinarySyntax) -> Any:
        if syntax.operator == "in":
            return self._in(syntax)
        left, right = self.tree(syntax.left), self.tree(syntax.right)
        if left is None or right is None:
            return None
        if syntax.operator in RELATIONS:
            return self._comparison(syntax, left, right)
        return _arithmetic(syntax.operator, left, right) or self.fault(
            syntax.at, "kind", f"{_takes(syntax.operator)}; here it stands between {said(left)} and {said(right)}"
        )

    def _comparison(self, syntax: BinarySyntax, left: Tree, right: Tree) -> Any:
        alike = family(left.kind) == family(right.kind)
        if not alike or (syntax.operator not in ("==", "!=") and left.kind not in ORDERED):
            detail = f"{said(left)} cannot be compared with {said(right)} by {syntax.operator}"
            return self.fault(syntax.at, "kind", detail)
        return Comparison(cast(Relation, syntax.operator), left, right, _is_exact(left, right))

    def _in(self, syntax: BinarySyntax) -> Any:
        if isinstance(syntax.right, ListNameSyntax):
            return self._in_list(syntax, syntax.right)
        value = self.tree(syntax.left)
        if not isinstance(syntax.right, ChoicesSyntax):
            detail = f"after `in` stands a list in brackets or {LISTS}.NAME"
            return self.fault(syntax.at, "list_use", detail)
        choices = [self._choice(item, value) for item in syntax.right.items]
        if value is None or None in choices:
            return None
        return Membership(value, tuple(one for one in choices if one), is_bare_money(value))

    def _choice(self, item: Syntax, value: Tree | None) -> Any:
        constant = self.tree(item)
        if constant is None:
            return None
        if not isinstance(constant, Constant):
            return self.fault(item.at, "list_use", "a list in brackets holds literals only")
        if value is not None and family(constant.kind) != family(value.kind):
            detail = f"{said(value)} is looked for, and {said(constant)} stands in the list"
            return self.fault(item.at, "kind", detail)
        return constant

    def _in_list(self, syntax: BinarySyntax, named: ListNameSyntax) -> Any:
        if named.name not in self.environment.lists:
            near = nearest(named.name, sorted(self.environment.lists))
            self.fault(named.at, "unknown_list", f"there is no list {named.name!r}", near and f"{LISTS}.{near}")
        left, lower = syntax.left, False
        if isinstance(left, CallSyntax) and left.function == "lowerAscii" and left.receiver and not left.arguments:
            left, lower = left.receiver, True
        if not isinstance(left, NameSyntax) or left.name in self.environment.aggregates or left.name == RISK:
            detail = f"before `in {LISTS}.{named.name}` stands a field or FIELD.lowerAscii(), nothing else"
            return self.fault(syntax.left.at, "list_operand", detail)
        reading = self._reading(left)
        if reading is not None and reading.kind not in TEXTS:
            return self.fault(left.at, "kind", f"a list holds texts, and {left.name} is {said(reading)}")
        return reading and ListMembership(reading, lower, named.name)

    def _junction(self, syntax: JunctionSyntax) -> Any:
        operands = [self.tree(operand) for operand in syntax.operands]
        for operand, written in zip(operands, syntax.operands, strict=True):
            if operand is not None and operand.kind is not Kind.BOOLEAN:
                detail = f"{syntax.operator} stands between conditions, and this is {said(operand)}"
                self.fault(written.at, "kind", detail)
        whole = tuple(operand for operand in operands if operand is not None)
        return Junction(syntax.operator == "||", whole) if len(whole) == len(operands) else None

    def _selection(self, syntax: ConditionalSyntax) -> Any:
        condition, then, otherwise = map(self.tree, (syntax.condition, syntax.then, syntax.otherwise))
        if condition is not None and condition.kind is not Kind.BOOLEAN:
            self.fault(syntax.condition.at, "kind", f"before ? stands a condition, and this is {said(condition)}")
        if condition is None or then is None or otherwise is None:
            return None
        kind = common_kind(then.kind, otherwise.kind)
        if kind is None:
            detail = f"both sides of : are of one kind; here are {said(then)} and {said(otherwise)}"
            return self.fault(syntax.at, "kind", detail)
        return Selection(condition, then, otherwise, kind)

    def _call(self, syntax: CallSyntax) -> Any:
        table = METHODS if syntax.receiver else FUNCTIONS
        made = table.get(syntax.function)
        if made is None:
            return self.fault(syntax.at, *misuse(syntax.function, is_method=syntax.receiver is not None))
        given = (*([syntax.receiver] if syntax.receiver else []), *syntax.arguments)
        before = len(self.faults)
        trees = tuple(map(self.tree, given))
        if len(self.faults) > before:
            return None
        arguments = Arguments(given, tuple(tree for tree in trees if tree), self.environment)
        found = made(arguments)
        if isinstance(found, ExpressionFault):
            at = syntax.at if found.position == AT_THE_CALL else found.position
            return self.fault(at, found.code, found.detail, found.suggestion)
        return found


def _negative(operand: Tree) -> Tree:
    if isinstance(operand, Constant) and isinstance(operand.value, float) and operand.exact is not None:
        return Constant(-operand.value, operand.kind, operand.exact.copy_negate())
    return Negation(operand, arithmetic_kind(operand.kind))


def _arithmetic(operator: str, left: Tree, right: Tree) -> Tree | None:
    if operator == "-" and left.kind is right.kind is Kind.INSTANT:
        return Elapsed(left, right)
    if operator == "/" and left.kind is right.kind is Kind.DURATION:
        return DurationRatio(left, right)
    wanted = {Kind.INTEGER} if operator == "%" else NUMBERS
    if left.kind not in wanted or right.kind not in wanted:
        return None
    kind = Kind.NUMBER if operator == "/" else arithmetic_kind(left.kind, right.kind)
    return Arithmetic(cast(Operator, operator), left, right, kind)


def _takes(operator: str) -> str:
    also = {"-": " or two instants", "/": " or two durations"}.get(operator, "")
    return f"{operator} takes two {'integers' if operator == '%' else 'numbers'}{also}"


def _is_exact(left: Tree, right: Tree) -> bool:
    sides = (left, right)
    literals = all(is_bare_money(side) or (isinstance(side, Constant) and side.exact is not None) for side in sides)
    return literals and any(map(is_bare_money, sides))
