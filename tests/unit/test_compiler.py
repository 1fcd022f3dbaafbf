"""Which Python compiles the layers, and what is said where none can."""

import hashlib
import tarfile
from base64 import b64encode
from pathlib import Path

import pytest

from fraudshield.errors import ConfigurationError
from infra.compiler import MAGIC, PYODIDE, NoCompiler, compiler


def command(path: Path, *lines: str) -> str:
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def npm(tmp_path: Path) -> str:
    """Gives a package that nobody recorded, as `npm pack` does: `--pack-destination FOLDER` come third and fourth."""
    (tmp_path / "pyodide.mjs").write_text("planted")
    with tarfile.open(tmp_path / "planted.tgz", "w:gz") as archive:
        archive.add(tmp_path / "pyodide.mjs", "package/pyodide.mjs")
    return command(tmp_path / "npm", f'cp "{tmp_path}/planted.tgz" "$4/pyodide.tgz"')


def test_a_python_of_the_targets_version_on_this_machine_is_used(tmp_path: Path) -> None:
    other, right = (
        command(tmp_path / "other", "echo a70d0d0a"),
        command(tmp_path / "right", f"echo {MAGIC}"),
    )
    assert compiler([str(tmp_path / "none"), other, right], tmp_path) == [right, "-m", "compileall"]


def test_a_package_with_another_digest_is_not_kept(npm: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"pyodide\.tgz is not the recorded one: sha512 "):
        compiler([], tmp_path / "home", npm, node="sh")
    assert not (tmp_path / "home").exists()


def test_a_package_with_the_recorded_digest_is_unpacked_once(npm: str, tmp_path: Path) -> None:
    digest = b64encode(hashlib.sha512((tmp_path / "planted.tgz").read_bytes()).digest()).decode()
    found = compiler([], tmp_path / "home", npm, node="sh", digest=digest)
    assert found == compiler([], tmp_path / "home", "no-such-npm", node="sh")
    assert isinstance(found, list)
    assert found[-1] == str(tmp_path / "home" / PYODIDE)
    assert (Path(found[-1]) / "pyodide.mjs").read_text() == "planted"


@pytest.mark.parametrize(
    ("npm", "node", "why"),
    [("npm", "no-such-node", "no-such-node"), ("no-such-npm", "sh", "npm"), ("false", "sh", "npm")],
)
def test_where_there_is_none_it_says_why(tmp_path: Path, npm: str, node: str, why: str) -> None:
    found = compiler([], tmp_path, npm, node)
    assert isinstance(found, NoCompiler)
    assert found.reason.startswith("no Python 3.13 is on the PATH, and ")
    assert why in found.reason
