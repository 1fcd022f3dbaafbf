"""What the functions that somebody waits for do not import: a cold start would pay for it, and nothing uses it."""

import os
import subprocess
import sys

import pytest

from tests.contract.expanded import ROOT

UNUSED = {"boto3", "s3transfer", "jinja2", "fraudshield.batch", "fraudshield.notification"}
BY_FUNCTION = {"model": UNUSED, "gateway": UNUSED | {"fraudshield.transaction", "fraudshield.policy"}}


# A process that starts from a snapshot (SnapStart) goes on from here: what had been read could be days old.
REMEMBERED = """
print(*{name for module in list(sys.modules.values()) if module.__name__.startswith("fraudshield.")
    for name, one in vars(module).items() if hasattr(one, "cache_info") and one.cache_info().currsize})"""


def test_nothing_is_read_or_connected_before_the_first_call() -> None:
    assert told(f"import functions.model.app, sys{REMEMBERED}") == set()


def test_what_is_read_while_loading_is_found() -> None:
    connected = "from fraudshield.predictor import wiring; wiring.released()"
    assert told(f"import functions.model.app, sys; {connected}{REMEMBERED}") >= {"released"}


def imported(statement: str) -> set[str]:
    """The modules that a fresh process has after it."""
    return told(f"{statement}\nimport sys\nprint(*sys.modules)")


def told(statement: str) -> set[str]:
    """The words that a fresh process prints."""
    path = os.pathsep.join([str(ROOT), str(ROOT / "layers/fraudshield")])
    command = [sys.executable, "-c", statement]
    done = subprocess.run(
        command, env=os.environ | {"PYTHONPATH": path}, cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(("function", "unused"), BY_FUNCTION.items())
def test_a_function_imports_nothing_that_it_does_not_use(function: str, unused: set[str]) -> None:
    assert imported(f"import functions.{function}.app") & unused == set()


def test_an_import_of_what_is_not_used_is_found() -> None:
    everything = BY_FUNCTION["gateway"]
    assert imported(f"import {', '.join(everything)}") & everything == everything
