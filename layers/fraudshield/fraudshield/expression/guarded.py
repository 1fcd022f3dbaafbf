"""A Python function made of a syntax tree, which asks a careful one where something has no value."""

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Any

CAREFUL, WITHOUT_VALUE = "careful", "without_value"
# What reading, comparing and computing raise where there is no value. The careful evaluation raises what is a mistake.
NO_VALUE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


def guarded(body: Sequence[ast.stmt], parameters: Sequence[str], defaults: Sequence[ast.expr]) -> ast.Module:
    """`def evaluate(...): try: ... except without_value: return careful(...)`."""
    slow = ast.Call(_name(CAREFUL), [_name(name) for name in parameters], [])
    handler = ast.ExceptHandler(_name(WITHOUT_VALUE), None, [ast.Return(slow)])
    arguments = ast.arguments([], [ast.arg(name) for name in parameters], None, [], [], None, [*defaults])
    function = ast.FunctionDef("evaluate", arguments, [ast.Try([*body], [handler], [], [])], [])
    return ast.fix_missing_locations(ast.Module([function], []))


def compiled(module: ast.Module, referred: Mapping[str, Any], careful: Callable[..., Any]) -> Any:
    """The finished function; it refers to nothing but this."""
    code = compile(module, "<expression>", "exec")
    namespace = {"__builtins__": {}, **referred, CAREFUL: careful}
    exec(code, namespace)  # noqa: S102 (built of names of our own: nothing of an expression's text is in it)
    return namespace["evaluate"]


def _name(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())
