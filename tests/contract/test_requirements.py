"""What is installed is what was locked: exact versions with hashes, from wherever the user's pip is told to look."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEV = ROOT / "requirements/dev.txt"
APART = [ROOT / f"requirements/{name}.txt" for name in ("fuzz", "gates", "page")]  # of environments of their own
DEPLOYED = [ROOT / "requirements/run.txt", DEV, *sorted(ROOT.glob("layers/*/requirements.txt"))]
LOCKS = [*DEPLOYED, *APART]

PINNED = re.compile(
    r"(?P<name>[a-z0-9][a-z0-9._-]*)(\[[a-z0-9, _-]+\])?==(?P<version>[0-9][^\s;]*)"
    r"( ; [^#]+?)?( --hash=sha256:[0-9a-f]{64})+"
)
# Spelled in two halves, so that this file does not name what no file may name.
INDEX_HOSTS = re.compile(
    "|".join(["pypi" + r"\.org", "python" + r"hosted\.org", "registry" + r"\.npmjs", "registry" + r"\.yarnpkg"])
)
NOT_OURS = {".git", ".venv", ".local", ".aws-sam", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis"}
NOT_TEXT = {".joblib", ".pyc", ".csv"}


def requirements(lock: str) -> list[str]:
    """The entries of a requirements file, each on one line."""
    entries = re.sub(r"\\\n\s*", "", lock).splitlines()
    return [entry for entry in entries if entry.strip() and not entry.lstrip().startswith("#")]


def unpinned(lock: str) -> list[str]:
    """The entries that are anything but a name, one version and its hashes."""
    return [entry for entry in requirements(lock) if not PINNED.fullmatch(re.sub(r"\s+", " ", entry.strip()))]


def versions(lock: str) -> set[tuple[str, str]]:
    """Names with their versions; a name may stand more than once, for different Pythons."""
    matches = [PINNED.match(re.sub(r"\s+", " ", entry)) for entry in requirements(lock)]
    return {(match["name"], match["version"]) for match in matches if match}


def names_an_index(text: str) -> bool:
    """Whether it names the host of a package index."""
    return bool(INDEX_HOSTS.search(text))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_lock_pins_everything_with_hashes(lock: Path) -> None:
    assert requirements(lock.read_text())
    assert unpinned(lock.read_text()) == []


@pytest.mark.parametrize("lock", DEPLOYED, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_tests_run_on_the_versions_that_are_deployed(lock: Path) -> None:
    assert versions(lock.read_text()) - versions(DEV.read_text()) == set()


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_lock_holds_what_was_asked_for(lock: Path) -> None:
    asked = re.findall(r"(?m)^([A-Za-z0-9._-]+)", lock.with_suffix(".in").read_text())
    wanted = {re.sub(r"[._-]+", "-", name).lower() for name in asked if not name.startswith("-")}
    assert wanted
    assert wanted - {name for name, _ in versions(lock.read_text())} == set()


@pytest.mark.parametrize(
    "planted",
    [
        "boto3",
        "boto3>=1.43.1 --hash=sha256:" + 64 * "a",
        "boto3==1.43.1",
        "boto3==1.43.1 --hash=md5:" + 32 * "a",
        "--index-url https://packages.example/simple",
        "--extra-index-url https://packages.example/simple",
        "-e .",
        "boto3 @ https://packages.example/boto3.whl --hash=sha256:" + 64 * "a",
    ],
)
def test_an_entry_that_is_not_pinned_is_named(planted: str) -> None:
    good = "rich==15.0.0 ; python_version < '3.15' \\\n    --hash=sha256:" + 64 * "b"
    assert unpinned(f"{good}\n{planted}\n") == [planted]


def test_no_file_names_a_package_index() -> None:
    parts = [path for path in ROOT.iterdir() if path.name not in NOT_OURS]
    files = [path for part in parts for path in (part, *part.rglob("*")) if path.is_file()]
    texts = [path for path in files if path.suffix not in NOT_TEXT]
    assert DEV in texts
    assert [path for path in texts if names_an_index(path.read_text(errors="replace"))] == []


def test_a_package_index_is_recognised() -> None:
    assert names_an_index("resolved: https://registry" + ".npmjs.org/x")
    assert names_an_index("https://pypi" + ".org/simple")
    assert not names_an_index("https://packages.example/simple")
