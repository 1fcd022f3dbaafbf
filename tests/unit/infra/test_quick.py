"""Which files count as changed, and which tests are theirs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.quick import ROOT, UNTIL, changed, selected

FILES = (
    "layers/fraudshield/fraudshield/label/dynamo.py",
    "layers/fraudshield/fraudshield/errors.py",
    "layers/fraudshield/fraudshield/budget.py",
    "functions/analytics/app.py",
    "infra/laptop/pool.py",
    "infra/cli/score.py",
    "infra/price.py",
    "model/train.py",
    "template.yaml",
    "README.md",
    "tests/fakes.py",
    "tests/cli/test_score.py",
    "tests/contract/template/test_access.py",
    "tests/contract/template/test_alarm.py",
    "tests/integration/test_analytics.py",
    "tests/model/test_training.py",
    "tests/unit/infra/test_price.py",
    "tests/unit/label/conftest.py",
    "tests/unit/label/test_label.py",
    "tests/unit/laptop/test_pool.py",
    "tests/unit/test_budget.py",
)


def git(root: Path, *arguments: str) -> None:
    who = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *arguments], cwd=root, check=True, capture_output=True)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository as ours is laid out, on a branch of its own, with nothing changed."""
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / ".gitignore").write_text("*.log\n")
    git(tmp_path, "init", "--initial-branch", "main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "first")
    git(tmp_path, "checkout", "-b", "branch")
    return tmp_path


def test_what_the_branch_committed_and_what_it_has_not_yet_is_changed(root: Path) -> None:
    (root / "infra/price.py").write_text("committed = 1\n")
    git(root, "commit", "--all", "-m", "second")
    (root / "model/train.py").write_text("edited = 1\n")
    (root / "model/new file.py").write_text("")
    (root / "model/ignored.log").write_text("")
    (root / "functions/analytics/app.py").unlink()
    assert changed(root) == ["infra/price.py", "model/new file.py", "model/train.py"]


def test_what_main_committed_since_is_not_the_branchs(root: Path) -> None:
    git(root, "checkout", "main")
    (root / "README.md").write_text("more\n")
    git(root, "commit", "--all", "-m", "second")
    git(root, "checkout", "branch")
    assert changed(root) == []


def test_on_main_what_is_not_pushed_is_changed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    clone = tmp_path_factory.mktemp("clones") / "clone"
    git(root, "clone", "--branch", "main", ".", str(clone))
    (clone / "README.md").write_text("more\n")
    git(clone, "commit", "--all", "-m", "second")
    assert changed(clone) == ["README.md"]


def test_on_main_without_an_upstream_what_is_not_committed_is_changed(root: Path) -> None:
    git(root, "checkout", "main")
    (root / "README.md").write_text("more\n")
    assert changed(root) == ["README.md"]


@pytest.mark.parametrize(
    ("path", "tests"),
    [
        ("layers/fraudshield/fraudshield/label/dynamo.py", ["tests/unit/label"]),
        ("layers/fraudshield/fraudshield/budget.py", ["tests/unit/test_budget.py"]),
        ("layers/fraudshield/fraudshield/errors.py", ["tests/unit"]),
        ("functions/analytics/app.py", ["tests/integration/test_analytics.py"]),
        ("infra/laptop/pool.py", ["tests/unit/laptop"]),
        ("infra/cli/score.py", ["tests/cli"]),
        ("infra/price.py", ["tests/unit/infra/test_price.py"]),
        ("infra/template.py", ["tests/contract/template"]),
        ("model/train.py", ["tests/model"]),
        ("template.yaml", ["tests/contract/template"]),
        ("tests/unit/label/conftest.py", ["tests/unit/label"]),
        ("tests/fakes.py", ["tests/unit"]),
        ("tests/contract/template/test_alarm.py", ["tests/contract/template/test_alarm.py"]),
        ("README.md", ["tests/unit"]),
    ],
)
def test_a_file_names_its_tests(root: Path, path: str, tests: list[str]) -> None:
    assert selected([path], root) == tests


def test_nothing_changed_means_all_unit_tests(root: Path) -> None:
    assert selected([], root) == ["tests/unit"]


def test_a_folder_is_not_run_again_file_by_file(root: Path) -> None:
    paths = ["layers/fraudshield/fraudshield/label/dynamo.py", "tests/unit/label/test_label.py", "tests/fakes.py"]
    assert selected(paths[:2], root) == ["tests/unit/label"]
    assert selected(paths, root) == ["tests/unit"]


@pytest.mark.parametrize(("until", "said"), [("0", "NOT RUN: 2 tests"), ("inf", "2 passed")])
def test_what_does_not_fit_into_a_minute_is_left_out_and_counted(tmp_path: Path, until: str, said: str) -> None:
    (tmp_path / "test_two.py").write_text("def test_one(): pass\ndef test_two(): pass\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "infra.quick", "-p", "no:cacheprovider", str(tmp_path)]
    where = os.environ | {UNTIL: until, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(command, cwd=tmp_path, env=where, capture_output=True, text=True, check=False)
    assert (ran.returncode, said in ran.stdout) == (0, True), ran.stdout
