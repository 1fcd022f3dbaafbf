"""`make quick`: style, types, and the tests of the folders that changed since the branch left main.

Tests mirror folders, so that a changed file names its tests. What does not fit into a minute is left out and counted;
the whole suite is `make test`. As a plugin of pytest this module is that minute.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

MINUTE_S = 55.0  # the test that is running then still ends
UNTIL = "QUICK_UNTIL"
OVER = "a minute is over"
ROOT = Path(__file__).parents[1]
UNIT = "tests/unit"
TESTED = {".json", ".py", ".yaml"}

# Where the tests of a file are, by the longest of these that it lies under: what the first of the patterns finds that
# finds anything. {name} is the folder, or the file, that comes next in its path.
MIRRORS = {
    "layers/fraudshield/fraudshield": (
        f"{UNIT}/{{name}}",
        f"{UNIT}/test_{{name}}.py",
        f"{UNIT}/test_{{name}}_*.py",
        UNIT,
    ),
    "functions": (f"{UNIT}/{{name}}", "tests/integration/{name}", "tests/integration/test_{name}.py"),
    "infra": (
        f"{UNIT}/{{name}}",
        "tests/{name}",
        f"{UNIT}/test_{{name}}_*.py",
        f"{UNIT}/infra/test_{{name}}.py",
        "tests/contract/{name}",
    ),
    "model": ("tests/model",),
    "template.yaml": ("tests/contract/template",),
    UNIT: (f"{UNIT}/{{name}}", UNIT),  # what tests share
    "tests": (UNIT,),
}


def changed(root: Path) -> list[str]:
    """Paths of files that differ from where the branch left main, or from what is pushed of main itself; sorted.

    What is not committed counts, files that git does not know yet too; what is deleted does not. Nothing has changed
    where there is no git.
    """
    since = _git(root, "merge-base", "HEAD", _parent(root))
    differing = _git(root, "diff", "--name-only", "--diff-filter=d", "-z", *since)
    return sorted({*differing, *_git(root, "ls-files", "--others", "--exclude-standard", "-z")})


def selected(paths: Iterable[str], root: Path) -> list[str]:
    """The tests to run for these files, as pytest's arguments; all unit tests where none of them has any."""
    found = {test for path in paths for test in _mirrored(path, root)} or {UNIT}
    return sorted(one for one in found if not any(str(above) in found for above in Path(one).parents))


def _mirrored(path: str, root: Path) -> list[str]:
    file = Path(path)
    if file.match("test_*.py"):
        return [path]
    under = next((str(one) for one in (file, *file.parents) if str(one) in MIRRORS), None)
    if under is None or file.suffix not in TESTED:
        return []
    name = Path(*file.relative_to(under).parts[:1]).stem
    found = ([str(one.relative_to(root)) for one in root.glob(mirror.format(name=name))] for mirror in MIRRORS[under])
    return next(filter(None, found), [])


def _parent(root: Path) -> str:
    """Where the branch comes from: main; for main itself what is pushed of it, else its last commit."""
    asked = ("@{upstream}",) if _git(root, "branch", "--show-current") == ["main"] else ("main", "origin/main")
    return next((one for one in asked if _git(root, "rev-parse", "--verify", "--quiet", one)), "HEAD")


def _git(root: Path, *arguments: str) -> list[str]:
    """What git says, one item a line or a NUL; nothing where it refuses."""
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=False)  # noqa: S603, S607
    return [one for one in done.stdout.replace("\0", "\n").splitlines() if one]


def _run(module: str, *arguments: str) -> bool:
    print("$", module, *arguments, flush=True)  # noqa: T201 what it runs
    return subprocess.run([sys.executable, "-m", module, *arguments], cwd=ROOT, check=False).returncode == 0  # noqa: S603


def pytest_runtest_setup() -> None:
    """Leaves out a test whose turn comes too late."""
    if time.monotonic() > float(os.environ.get(UNTIL, "inf")):
        pytest.skip(OVER)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says how many tests were left out."""
    late = sum(OVER in str(report.longrepr) for report in terminalreporter.stats.get("skipped", []))
    if late:
        terminalreporter.write_line(f"NOT RUN: {late} tests, since {OVER}; make test runs them", yellow=True)


def main() -> None:
    """Runs every check, whatever the one before it found, and exits with 1 if one of them failed."""
    os.environ[UNTIL] = str(time.monotonic() + MINUTE_S)
    paths = changed(ROOT)
    python = [path for path in paths if path.endswith(".py")] or ["."]
    passed = [
        _run("ruff", "check", *python),
        _run("ruff", "format", "--check", *python),
        _run("mypy"),
        _run("pytest", "-p", "no:benchmark", "-p", "infra.quick", "-q", "-m", "not long", *selected(paths, ROOT)),
    ]
    sys.exit(not all(passed))


if __name__ == "__main__":
    main()
