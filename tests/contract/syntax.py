"""Reading source as a tree: the identifiers in it, and the files of a folder that break a rule."""

import ast
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
LAYER = "layers/fraudshield/fraudshield"

# Given a file's place in the repository and its tree, what is wrong with it: `place:line: what`.
Rule = Callable[[str, ast.AST], list[str]]


@lru_cache(maxsize=16)
def nodes(tree: ast.AST) -> tuple[ast.AST, ...]:
    """All that is in it, walked once for the rules that look at it one after the other."""
    return tuple(ast.walk(tree))


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
    looked_at = (node for node in nodes(tree) if id(node) not in but)
    return [f"{place}:{line(node)}: {name}" for node in looked_at for name in sorted(own_names(node) & wanted)]


def calls(tree: ast.AST, name: str) -> list[ast.Call]:
    """The calls of something whose own or dotted name holds `name`."""
    return [node for node in nodes(tree) if isinstance(node, ast.Call) and name in names(node.func)]


def line(node: ast.AST) -> int:
    """The number of its first line."""
    number: int = getattr(node, "lineno", 0)
    return number


def problems(rules: Mapping[Rule, Iterable[str]]) -> dict[str, list[str]]:
    """By the names of rules, what breaks each in its folders; a file is parsed once for all of them."""
    found: dict[str, list[str]] = {rule.__name__: [] for rule in rules}
    for folder in dict.fromkeys(folder for folders in rules.values() for folder in folders):
        files = sorted((ROOT / folder).rglob("*.py"))
        assert files
        for path in files:
            tree = ast.parse(path.read_bytes())
            for rule in (rule for rule, folders in rules.items() if folder in folders):
                found[rule.__name__] += rule(path.relative_to(ROOT).as_posix(), tree)
    return found
