"""Which settings a function can come to read: a walk over the source, from its entry point along every name.

What is called on an object is not followed: settings are read where things are wired, and those are called by name.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from fraudshield.settings import Settings
from tests.settings_classes import classes

ROOT = Path(__file__).parents[2]

Name = tuple[str, str]  # a module, and what it defines; or a module and nothing


@dataclass(frozen=True, slots=True)
class Tree:
    """Where modules are looked for."""

    roots: tuple[Path, ...] = (ROOT, ROOT / "layers/fraudshield")

    def file(self, module: str) -> Path | None:
        """The file of a module of ours; a package is its `__init__.py`."""
        paths = [root.joinpath(*module.split(".")) for root in self.roots]
        files = [file for path in paths for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()]
        return files[0] if files else None

    def is_module(self, module: str) -> bool:
        """Whether there is such a module, or a folder of modules."""
        return any(root.joinpath(*module.split(".")).with_suffix(".py").is_file() for root in self.roots) or any(
            root.joinpath(*module.split(".")).is_dir() for root in self.roots
        )


@dataclass(slots=True)
class Module:
    """What a module defines, and what it imports of ours."""

    definitions: dict[str, list[ast.stmt]] = field(default_factory=dict)
    imports: dict[str, Name] = field(default_factory=dict)


REPOSITORY = Tree()


@cache
def reached(handler: str, tree: Tree = REPOSITORY) -> frozenset[type[Settings]]:
    """The classes of settings that the module of a handler (`functions.model.app.lambda_handler`) leads to."""
    known = {(kind.__module__, kind.__name__): kind for kind in classes()}
    names = set(_names(handler.rpartition(".")[0], tree))
    return frozenset(known[name] for name in names & known.keys())


def _names(module: str, tree: Tree) -> Iterator[Name]:
    """Every name that is come to. Of modules of functions everything counts: their routes are called from outside."""
    waiting: list[Name] = [(module, "")]
    seen: set[Name] = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        yield name
        waiting += _leads_to(name, tree)


def _leads_to(name: Name, tree: Tree) -> list[Name]:
    module, wanted = name
    if not module.startswith(("fraudshield", "functions")) or tree.file(module) is None:
        return []
    read = _read(module, tree)
    if not wanted:
        if not module.startswith("functions."):
            return []
        return [(module, one) for one in read.definitions] + [one for one in read.imports.values() if not one[1]]
    if wanted in read.imports and wanted not in read.definitions:
        return [read.imports[wanted]]
    return [found for statement in read.definitions.get(wanted, ()) for found in _used(statement, module, read)]


def _used(statement: ast.stmt, module: str, read: Module) -> Iterator[Name]:
    for node in ast.walk(statement):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            of, definition = read.imports.get(node.value.id, ("", ""))
            if of and not definition:
                yield of, node.attr
        elif isinstance(node, ast.Name):
            if node.id in read.definitions:
                yield module, node.id
            elif node.id in read.imports:
                yield read.imports[node.id]


@cache
def _read(module: str, tree: Tree) -> Module:
    file = tree.file(module)
    assert file is not None
    parsed, read = ast.parse(file.read_text()), Module()
    for node in ast.walk(parsed):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                imported = (whole, "") if tree.is_module(whole) else (node.module, alias.name)
                read.imports[alias.asname or alias.name] = imported
    for statement in parsed.body:
        if not isinstance(statement, ast.Import | ast.ImportFrom):
            for defined in _defines(statement):
                read.definitions.setdefault(defined, []).append(statement)
    return read


def _defines(statement: ast.stmt) -> list[str]:
    """Its names; one that defines none, as a call, has a name that nobody writes."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [statement.name]
    stored = [node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    return stored or [f"line {statement.lineno}"]
