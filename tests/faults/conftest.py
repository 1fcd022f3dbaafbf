"""The function with the endpoint of one dependency replaced; figures that tests measure; the engine that some need."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from fraudshield.aws import client
from fraudshield.scoring import wiring as scoring_wiring
from infra.laptop.process import dynoxide
from tests.faults.network import blackhole, dripping, refused
from tests.stack import Stack

FIGURES: list[str] = []

Tell = Callable[[str], None]
Fault = Callable[[], AbstractContextManager[str]]
FAULTS: dict[str, Fault] = {"refused": refused, "blackhole": blackhole, "dripping": dripping}


@pytest.fixture
def _longer_timeouts() -> None:
    """None: what is promised here is promised in seconds."""


@pytest.fixture(params=["refused", "blackhole", pytest.param("dripping", marks=pytest.mark.long)])
def fault(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of an endpoint that fails."""
    with FAULTS[request.param]() as url:
        yield url


@pytest.fixture
def store_gone(stack: Stack, fault: str, told: Callable[..., None]) -> Stack:
    """Sends DynamoDB's requests to the fault; the queue works."""
    told(AWS_ENDPOINT_URL_DYNAMODB=fault)
    warm()
    return stack


@pytest.fixture
def all_gone(store_gone: Stack, fault: str, told: Callable[..., None]) -> Stack:
    """Sends the queue's requests to the fault too."""
    told(AWS_ENDPOINT_URL_SQS=fault, UNPERSISTED_QUEUE_URL=f"{fault}/123456789012/UnpersistedQueue")
    warm()
    return store_gone


def warm() -> None:
    """Make what a process makes once: the promises are about requests."""
    scoring_wiring.scorer()
    client.dynamodb()
    client.sqs()


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
