"""Reading source as a tree: the identifiers in it, and the files of a folder that break a rule."""

import ast
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).parents[2]
LAYER = "layers/fraudshield/fraudshield"

# Given a file's place in the repository and its tree, what is wrong with it: `place:line: what`.
Rule = Callable[[str, ast.AST], list[str]]


def own_names(node: ast.AST) -> set[str]:
    """The identifiers of this node alone, without what hangs below it."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
            return {name}
        case ast.alias(name=name) | ast.ImportFrom(module=str(name)):
            return set(name.split("."))
    return set()


def names(tree: ast.AST) -> set[str]:
    """Every identifier in it."""
    return set().union(*map(own_names, ast.walk(tree)))


def uses(place: str, tree: ast.AST, wanted: set[str], but: frozenset[int] = frozenset()) -> list[str]:
    """Where one of the wanted identifiers stands; the nodes whose `id()` is in `but` are passed over."""
    nodes = (node for node in ast.walk(tree) if id(node) not in but)
    return [f"{place}:{line(node)}: {name}" for node in nodes for name in sorted(own_names(node) & wanted)]


def calls(tree: ast.AST, name: str) -> list[ast.Call]:
    """The calls of something whose own or dotted name holds `name`."""
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call) and name in names(node.func)]


def line(node: ast.AST) -> int:
    """The number of its first line."""
    number: int = getattr(node, "lineno", 0)
    return number


def problems(rule: Rule, folders: Iterable[str]) -> list[str]:
    """What breaks a rule in these folders."""
    files = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    assert files
    return [one for path in files for one in rule(path.relative_to(ROOT).as_posix(), ast.parse(path.read_bytes()))]
