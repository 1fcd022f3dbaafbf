"""From text to syntax: precedence climbing over CEL's grammar, with `and`, `or` and `not` beside its signs."""

from dataclasses import replace

from fraudshield.expression.lexer import KEYWORDS, Token, fail, tokens
from fraudshield.expression.names import LISTS, nearest
from fraudshield.expression.syntax import (
    MOST_DEPTH,
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

# What binds tighter has the higher number. `not` is below the comparisons, as in SQL and Python; `!` is above all.
OR, AND, NOT, RELATION, SUM, PRODUCT, UNARY = range(1, 8)
BINDING = {"||": OR, "or": OR, "&&": AND, "and": AND, "in": RELATION, "+": SUM, "-": SUM}
BINDING |= dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), RELATION) | dict.fromkeys(("*", "/", "%"), PRODUCT)
JUNCTIONS = {"||": "||", "or": "||", "&&": "&&", "and": "&&"}


def parse(text: str) -> Syntax:
    """The syntax of a whole text. Raises InvalidExpression with the first fault."""
    parser = _Parser(text)
    if parser.ended():
        fail(text, 0, "empty", "the expression is empty")
    syntax = parser.expression()
    if not parser.ended():
        parser.unexpected("an operator or the end")
    return syntax


class _Parser:
    """One pass over the tokens; `enclosing` is how many brackets and operators are open around the next one."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens(text)
        self.place = 0
        self.enclosing = 0

    @property
    def next(self) -> Token:
        """The token that has not been taken yet."""
        return self.tokens[self.place]

    def ended(self) -> bool:
        """Whether every token has been taken."""
        return self.next.kind == "end"

    def expression(self) -> Syntax:
        """A whole expression, `?:` being what binds least."""
        self._deeper()
        syntax = self._operation(OR)
        if self._is("?"):
            syntax = self._conditional(syntax)
        self.enclosing -= 1
        return syntax

    def unexpected(self, wanted: str) -> Syntax:
        """Raises InvalidExpression about the next token."""
        token = self.next
        if token.kind == "end":
            return fail(self.text, token.at, "unexpected_end", f"the expression ends where {wanted} is expected")
        near = nearest(token.text, KEYWORDS) if token.kind == "name" else None
        suggestion = near if near != token.text else None
        return fail(self.text, token.at, "unexpected", f"{token.text!r} stands where {wanted} is expected", suggestion)

    def _is(self, *texts: str) -> bool:
        return self.next.kind in ("operator", "name") and self.next.text in texts

    def _take(self) -> Token:
        token = self.next
        self.place += 1
        return token

    def _expect(self, text: str) -> Token:
        if not self._is(text):
            self.unexpected(repr(text))
        return self._take()

    def _deeper(self) -> None:
        self.enclosing += 1
        self._bounded(self.enclosing, self.next.at)

    def _bounded(self, depth: int, at: int) -> int:
        if depth > MOST_DEPTH:
            fail(self.text, at, "too_deep", f"the expression nests deeper than {MOST_DEPTH} (parentheses count)")
        return depth

    def _above(self, at: int, *operands: Syntax) -> int:
        """The depth of what stands over these."""
        return self._bounded(1 + max((one.depth for one in operands), default=0), at)

    def _conditional(self, condition: Syntax) -> Syntax:
        at = self._expect("?").at
        then = self._operation(OR)
        self._expect(":")
        otherwise = self.expression()
        return ConditionalSyntax(condition, then, otherwise, at, self._above(at, condition, then, otherwise))

    def _operation(self, least: int) -> Syntax:
        """Operands joined by operators that bind at least so tight; those of one strength group from the left."""
        left = self._prefix(least)
        while (binding := self._binding()) >= least:
            operator = self._take()
            if operator.text in JUNCTIONS:
                left = self._junction(left, operator, binding)
            else:
                right = self._operation(binding + 1)
                depth = self._above(operator.at, left, right)
                left = BinarySyntax(operator.text, left, right, operator.at, depth)
        return left

    def _binding(self) -> int:
        return BINDING.get(self.next.text, 0) if self.next.kind in ("operator", "name") else 0

    def _junction(self, first: Syntax, operator: Token, binding: int) -> Syntax:
        operands = [first, self._operation(binding + 1)]
        while self._binding() == binding:
            self._take()
            operands.append(self._operation(binding + 1))
        depth = self._above(operator.at, *operands)
        return JunctionSyntax(JUNCTIONS[operator.text], tuple(operands), operator.at, depth)

    def _prefix(self, least: int) -> Syntax:
        if self._is("not") and least > NOT:
            fail(self.text, self.next.at, "unexpected", "here `not` needs parentheses around it and its operand", "!")
        if not self._is("!", "-", "not"):
            return self._postfix(self._primary())
        operator = self._take()
        self._deeper()
        operand = self._operation(NOT if operator.text == "not" else UNARY)
        self.enclosing -= 1
        sign = "-" if operator.text == "-" else "!"
        return UnarySyntax(sign, operand, operator.at, self._above(operator.at, operand))

    def _postfix(self, syntax: Syntax) -> Syntax:
        while self._is("."):
            self._take()
            if self.next.kind != "name":
                self.unexpected("the name of a function")
            name = self._take()
            arguments = self._bracketed("(", ")")
            syntax = CallSyntax(name.text, syntax, arguments, name.at, self._above(name.at, syntax, *arguments))
        return syntax

    def _primary(self) -> Syntax:
        token = self.next
        if token.kind == "number":
            return NumberSyntax(self._take().text, token.at)
        if token.kind == "text":
            return TextSyntax(self._take().text, token.at)
        if token.kind == "name" and token.text not in KEYWORDS - {"true", "false"}:
            return self._named(self._take())
        if self._is("["):
            items = self._bracketed("[", "]")
            return ChoicesSyntax(items, token.at, self._above(token.at, *items))
        if self._is("("):
            return self._parenthesised()
        return self.unexpected("a value")

    def _parenthesised(self) -> Syntax:
        at = self._take().at
        syntax = self.expression()
        self._expect(")")
        return replace(syntax, depth=self._above(at, syntax))

    def _named(self, name: Token) -> Syntax:
        if name.text in ("true", "false"):
            return TruthSyntax(name.text == "true", name.at)
        if self._is("("):
            arguments = self._bracketed("(", ")")
            return CallSyntax(name.text, None, arguments, name.at, self._above(name.at, *arguments))
        if name.text == LISTS and self._is("."):
            self._take()
            if self.next.kind != "name":
                self.unexpected("the name of a list")
            return ListNameSyntax(self._take().text, name.at)
        return NameSyntax(name.text, name.at)

    def _bracketed(self, opening: str, closing: str) -> tuple[Syntax, ...]:
        self._expect(opening)
        items: list[Syntax] = []
        while not self._is(closing):
            items.append(self.expression())
            if not self._is(","):
                break
            self._take()
        self._expect(closing)
        return tuple(items)
