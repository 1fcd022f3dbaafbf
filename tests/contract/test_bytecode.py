"""The bytecode that layers carry: of Lambda's Python, equal in every build, or none."""

import importlib.util
import py_compile
import re
import shlex
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from py_compile import PycInvalidationMode

import pytest

from infra.compiler import NoCompiler, compiler
from infra.laptop.template import load
from tests.contract.bytecode import LAMBDA, Target, problems
from tests.contract.expanded import ROOT
from tests.contract.making import make

SOURCES_ONLY = "build-FraudshieldLayer: sources only, which start slower"
PACKAGE = ROOT / "layers/fraudshield"


@pytest.fixture(scope="session")
def compileall() -> str:
    """The command that `make build` compiles with."""
    found = compiler()
    if isinstance(found, NoCompiler):
        pytest.skip(found.reason)
    return shlex.join(found)


@pytest.fixture
def layer(tmp_path: Path) -> Path:
    """A folder with the layer's makefile and a few of its sources, which a developer's Python has compiled already."""
    shutil.copytree(PACKAGE / "fraudshield/batch", tmp_path / "layer/fraudshield/batch")
    shutil.copy(PACKAGE / "fraudshield/__init__.py", tmp_path / "layer/fraudshield")
    shutil.copy(PACKAGE / "Makefile", tmp_path / "layer")
    stray = tmp_path / "layer/fraudshield/__pycache__/old.cpython-312.pyc"
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"of another Python")
    return tmp_path / "layer"


def build(layer: Path, name: str, compileall: str) -> tuple[Path, str]:
    """The layer's `python/` in a folder of that name, and what the build said that people should read."""
    artifacts = layer.parent / name
    made = make(layer, "--silent", "build-FraudshieldLayer", f"ARTIFACTS_DIR={artifacts}", compileall=compileall)
    assert (made.returncode, made.stderr) == (0, "")  # SAM does not show what a makefile writes there
    return artifacts / "python", made.stdout


def content(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_two_builds_give_equal_bytes_that_lambda_takes_unchecked(layer: Path, compileall: str) -> None:
    first, said = build(layer, "first", compileall)
    second, _ = build(layer, "another place", compileall)
    assert said == ""
    assert problems(first, LAMBDA) == []
    assert len(list(first.rglob("*.pyc"))) == len(list(first.rglob("*.py"))) > 30
    assert content(first) == content(second)


def test_without_a_compiler_the_layer_holds_sources_and_the_build_says_so(layer: Path) -> None:
    built, said = build(layer, "out", "")
    assert not list(built.rglob("*.pyc"))
    assert list(built.rglob("*.py"))
    [line] = said.splitlines()
    assert line.startswith(SOURCES_ONLY)


@pytest.mark.parametrize(("written", "status"), [("x.cpython-311.pyc", 0), ("x.cpython-313.pyc", 1)])
def test_what_another_python_compiled_or_half_of_it_is_dropped(layer: Path, written: str, status: int) -> None:
    script = layer.parent / "compileall"
    script.write_text(
        f'#!/bin/sh\nfor folder; do :; done\nmkdir -p "$folder/__pycache__"\n'
        f'touch "$folder/__pycache__/{written}"\nexit {status}\n'
    )
    script.chmod(0o755)
    built, said = build(layer, "out", str(script))
    assert not list(built.rglob("*.pyc"))
    assert SOURCES_ONLY in said


@pytest.mark.parametrize("folder", ["runtime", "fraudshield"])
def test_the_makefiles_and_the_compiler_are_of_the_runtime_in_the_template(folder: str) -> None:
    runtime = load(ROOT / "template.yaml")["Globals"]["Function"]["Runtime"]
    makefile = (ROOT / "layers" / folder / "Makefile").read_text(encoding="utf-8")
    assert set(re.findall(r"python3\.\d+", makefile)) == {runtime}
    assert set(re.findall(r"cpython-\d+", makefile)) == {LAMBDA.tag} == {f"cpython-{runtime[6:].replace('.', '')}"}


HERE = Target(importlib.util.MAGIC_NUMBER, str(sys.implementation.cache_tag))


def compiled(source: Path, shown: str = "/opt/python/one.py", mode: int = 2) -> Path:
    """By this Python, as the layers are by theirs."""
    return Path(str(py_compile.compile(str(source), dfile=shown, invalidation_mode=PycInvalidationMode(mode))))


PLANTED: list[tuple[Callable[[Path], object], str]] = [
    (lambda one: compiled(one).unlink(), "one.py: not compiled"),
    (
        lambda one: compiled(one, mode=PycInvalidationMode.TIMESTAMP.value),
        "one.py: held against its source",
    ),
    (lambda one: compiled(one, mode=PycInvalidationMode.CHECKED_HASH.value), "one.py: held against its source"),
    (lambda one: (compiled(one), one.write_text("ONE = 2")), "one.py: compiled from another source"),
    (lambda one: compiled(one, shown=str(one)), "one.py: names the place where it was built"),
    (
        lambda one: compiled(one).with_name("one.cpython-36.pyc").write_bytes(b""),
        "one.cpython-36.pyc: of another Python",
    ),
    (
        lambda one: compiled(one).write_bytes(b"\0\0\r\n" + compiled(one).read_bytes()[4:]),
        "one.py: compiled by another Python",
    ),
]


@pytest.mark.parametrize(("plant", "named"), PLANTED, ids=[named for _, named in PLANTED])
def test_a_planted_defect_is_found(plant: Callable[[Path], object], named: str, tmp_path: Path) -> None:
    source = tmp_path / "one.py"
    source.write_text("def one():\n    return 1\n")
    plant(source)
    assert named in problems(tmp_path, HERE)


def test_nothing_is_found_in_what_is_compiled_well(tmp_path: Path) -> None:
    source = tmp_path / "one.py"
    source.write_text("def one():\n    return 1\n")
    compiled(source, mode=PycInvalidationMode.UNCHECKED_HASH.value)
    assert problems(tmp_path, HERE) == []
