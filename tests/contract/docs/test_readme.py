"""Every command that a page shows is there, and continuous integration runs its test command."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import pytest

from tests.conftest import README_TRANSACTION

ROOT = Path(__file__).parents[3]
BIN = Path(sys.executable).parent
EVERYWHERE = {"cd", "cp", "curl", "export", "git"}


def commands(markdown: str) -> list[str]:
    """The lines of its shell blocks, one command each, without comments."""
    blocks = re.findall(r"(?ms)^```(?:sh|bash|shell)\n(.*?)^```", markdown)
    whole = [shlex.join(words) for block in blocks for words in statements(block.replace("\\\n", " "))]
    return [part.strip() for line in whole for part in line.split("'&&'") if part.strip()]


def statements(block: str) -> Iterator[list[str]]:
    """The words of each of its commands, which ends with its line unless a quotation is still open there."""
    pending = ""
    for line in block.splitlines(keepends=True):
        pending += line
        with suppress(ValueError):  # a quotation that is not closed yet
            yield shlex.split(pending, comments=True)
            pending = ""
    assert not pending, f"{pending} closes no quotation"


@lru_cache
def targets() -> frozenset[str]:
    """What the Makefile makes on demand."""
    return frozenset(re.findall(r"(?m)^([a-z][a-z-]*):", (ROOT / "Makefile").read_text()))


def absent(command: str) -> str | None:
    """What this command names that is not there."""
    program, *arguments = shlex.split(command)
    name = Path(program).name
    if name == "make":
        return next((word for word in arguments if "=" not in word and word not in targets()), None)
    if name == "fraudshield":
        return unknown_to_the_command(arguments)
    return None if name in EVERYWHERE or (BIN / name).exists() or (ROOT / program).exists() else program


def unknown_to_the_command(arguments: list[str]) -> str | None:
    """The first word that is neither a command of ours nor a file of the repository."""
    files = [word for word in arguments if "/" in word]
    words = [word for word in arguments if word not in files and not word.startswith("-")]
    asked = subprocess.run([BIN / "fraudshield", *words, "--help"], capture_output=True, text=True, check=False)
    if asked.returncode:
        return " ".join(words)
    return next((word for word in files if not (ROOT / word).exists()), None)


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/command.md"])
def test_every_command_on_a_page_is_there(page: str) -> None:
    shown = commands((ROOT / page).read_text())
    assert shown
    assert [(command, absent(command)) for command in shown if absent(command)] == []


@pytest.mark.parametrize(
    "planted", ["make nonsense", ".venv/bin/no-such-tool --all", "fraudshield nonsense", "./start.sh"]
)
def test_a_command_that_is_not_there_is_named(planted: str) -> None:
    assert absent(planted)


def test_comments_and_chains_are_read_as_a_shell_reads_them() -> None:
    assert commands("```sh\nmake test  # all\ncd a && make b\n```\n") == ["make test", "cd a", "make b"]


def test_a_quotation_may_go_on_over_lines() -> None:
    assert commands("```sh\ncurl -d '{\n  1\n}'\nmake test\n```\n") == ["curl -d '{\n  1\n}'", "make test"]


def test_a_command_after_a_quotation_that_never_ends_is_not_passed_over() -> None:
    with pytest.raises(AssertionError, match="closes no quotation"):
        commands("```sh\ncurl -d '{\nmake nonsense\n```\n")


def test_the_payments_that_readme_sends_are_those_of_the_demo_and_of_the_recorded_event() -> None:
    [curl] = [shlex.split(command) for command in commands((ROOT / "README.md").read_text()) if "curl" in command]
    sent = json.loads(curl[curl.index("-d") + 1])["transactions"]
    assert sent == [README_TRANSACTION, json.loads((ROOT / "events/transaction.json").read_text())]


def test_integration_runs_the_test_command_and_then_every_check() -> None:
    assert "make test" in commands((ROOT / "README.md").read_text())
    run = re.findall(r"(?m)^make ([a-z-]+)", (ROOT / ".ci/run").read_text())
    assert run == ["test", "lint", "types", "contracts"]


def test_integration_takes_other_peoples_actions_at_one_commit() -> None:
    used = re.findall(r"uses: (\S+)", (ROOT / ".github/workflows/ci.yml").read_text())
    assert used
    assert [action for action in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", action)] == []
