"""What the page stands on is what was locked, from whatever npm."""

import hashlib
import io
import json
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from fraudshield.errors import ConfigurationError
from infra.laptop.process.npm import NpmError
from infra.page_package import FOLDERS, LOCK, ROOT, Package, fetch, locked


def archive(**files: bytes) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as opened:
        for name, content in files.items():
            member = tarfile.TarInfo(f"package/{name}.js")
            member.size = len(content)
            opened.addfile(member, io.BytesIO(content))
    return held.getvalue()


TGZ = archive(a=b"1", b=b"2")
PACKAGE = Package("left", "1.0.0", hashlib.sha256(TGZ).hexdigest(), {"a.js": "left.js"})


@pytest.fixture
def npm(tmp_path: Path) -> str:
    """An npm that gives one package, and counts how often it was asked."""
    (tmp_path / "left.tgz").write_bytes(TGZ)
    script = tmp_path / "npm"
    script.write_text(f'#!/bin/sh\necho "$5" >> {tmp_path}/asked\ncp {tmp_path}/left.tgz "$4/left-1.0.0.tgz"\n')
    script.chmod(0o755)
    return str(script)


def test_the_files_that_are_named_are_taken_once(npm: str, tmp_path: Path) -> None:
    for _ in range(2):
        fetch([PACKAGE], tmp_path / "vendor", npm)
    assert (tmp_path / "vendor/left.js").read_bytes() == b"1"
    assert not (tmp_path / "vendor/b.js").exists()
    assert (tmp_path / "asked").read_text() == "left@1.0.0\n"


def test_a_package_of_another_digest_is_refused_and_leaves_nothing(npm: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=f"expected {64 * '0'}"):
        fetch([replace(PACKAGE, sha256=64 * "0")], tmp_path / "vendor", npm)
    assert not (tmp_path / "vendor").exists()


def test_a_file_that_the_package_lacks_is_named(npm: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"left 1\.0\.0 holds no c\.js"):
        fetch([replace(PACKAGE, files={"c.js": "c.js"})], tmp_path / "vendor", npm)


def test_without_an_npm_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(NpmError, match="is not installed"):
        fetch([PACKAGE], tmp_path / "vendor", str(tmp_path / "no-npm"))


@pytest.mark.parametrize("group", FOLDERS)
def test_the_lock_pins_each_package_and_names_no_host(group: str) -> None:
    assert all(len(bytes.fromhex(one.sha256)) == 32 and one.version[0].isdigit() for one in locked(group))
    assert "://" not in LOCK.read_text()


def test_what_is_fetched_is_never_committed() -> None:
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert all(f"{folder.relative_to(ROOT).parts[0]}/" in "".join(ignored) for folder in FOLDERS.values())
    assert json.loads(LOCK.read_text()).keys() == FOLDERS.keys()
