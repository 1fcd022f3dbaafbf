"""Figures that the tests measure, in the terminal after them; and the engine that some of them cannot do without."""

from collections.abc import Callable
from pathlib import Path

import pytest

from infra.laptop.process import dynoxide

FIGURES: list[str] = []

Tell = Callable[[str], None]


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Tell:
    """Keeps a line for the end."""
    return lambda line: FIGURES.append(f"{request.node.name}: {line}")


@pytest.fixture
def sqlite_engine() -> Path:
    """The DynamoDB that keeps data on disk."""
    found = dynoxide.binary()
    if isinstance(found, dynoxide.EngineMissing):
        pytest.skip(f"NOT TESTED, for it takes the SQLite engine: {found.reason}")
    return found


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print them."""
    if FIGURES:
        terminalreporter.section("figures")
        for line in FIGURES:
            terminalreporter.write_line(line)
