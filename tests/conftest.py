"""Fixtures of all tests: an AWS that is not there, a stack in moto, transactions to score."""

from tests.process.surroundings import LOOP  # isort: skip

import asyncio
import logging
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache, lru_cache, partial
from io import StringIO
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.loaders import create_loader
from hypothesis import settings
from moto import mock_aws

from fraudshield.telemetry import logger
from fraudshield.transaction.built_in import BuiltInTransaction
from tests.caller import Caller
from tests.engine import engine, one_at_a_time
from tests.moto_snapshot import restored_engine_stack, restored_stack
from tests.stack import Stack, environment
from tests.timeouts import lengthen, wait_for_store

ROOT = Path(__file__).parents[1]

# Each test has new sessions of boto3's and botocore's; what AWS's APIs look like is read once for all of them.
botocore.session.create_loader = lru_cache(create_loader)

# The same examples every time, so that a red run is about what was changed and not about luck.
settings.register_profile("same", derandomize=True, database=None, deadline=None)
settings.load_profile("same")

README_TRANSACTION: dict[str, Any] = {
    "transaction_id": "test_123",
    "step": 1,
    "type": "PAYMENT",
    "amount": 1000.0,
    "nameOrig": "C123456789",
    "oldbalanceOrg": 5000.0,
    "newbalanceOrig": 4000.0,
    "nameDest": "M987654321",
    "oldbalanceDest": 0.0,
    "newbalanceDest": 0.0,
}


@pytest.fixture(autouse=True)
def _loop() -> Iterator[None]:
    """`asyncio.run` leaves a thread without a loop; each test starts with one, and so does what a module shares."""
    asyncio.set_event_loop(LOOP)
    yield
    asyncio.set_event_loop(LOOP)


@pytest.fixture
def sent() -> Callable[..., dict[str, Any]]:
    """A transaction as a client sends it, with changes."""
    return lambda **changes: README_TRANSACTION | changes


@pytest.fixture
def transaction() -> Callable[..., BuiltInTransaction]:
    """A parsed transaction, with changes; floats are read as the decimals they are written as."""

    def make(**changes: Any) -> BuiltInTransaction:
        body = README_TRANSACTION | changes
        return BuiltInTransaction.model_validate(
            {name: Decimal(repr(value)) if isinstance(value, float) else value for name, value in body.items()}
        )

    return make


@pytest.fixture
def _longer_timeouts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time for a loaded machine; a folder whose tests hold us to the seconds themselves overrides this."""
    lengthen(monkeypatch)


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch, _longer_timeouts: None) -> Iterator[Stack]:
    """The template's tables and queues in moto, in process, and the environment that the function would see."""
    with mock_aws(), one_at_a_time():
        yield from connected(monkeypatch, restored_stack)


@pytest.fixture(scope="module")
def lasting_stack() -> Iterator[Stack]:
    """A stack for a whole module, whose tests do not mind what the others left."""
    with pytest.MonkeyPatch.context() as monkeypatch, mock_aws(), one_at_a_time():
        lengthen(monkeypatch)
        yield from connected(monkeypatch, restored_stack)


@pytest.fixture(scope="module")
def lasting_files() -> Iterator[Stack]:
    """A stack for a whole module with the bucket of files and the state machine, which nobody runs."""
    with pytest.MonkeyPatch.context() as monkeypatch, mock_aws(), one_at_a_time():
        lengthen(monkeypatch)
        yield from connected(monkeypatch, partial(Stack.create, files=True))


@pytest.fixture(scope="module")
def lasting_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The same with the tables on the engine, which finds a few among thousands by its indexes; files stay in moto."""
    with (
        pytest.MonkeyPatch.context() as monkeypatch,
        mock_aws(),
        engine(tmp_path_factory.mktemp("t")) as variables,
    ):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        wait_for_store(monkeypatch)
        yield from connected(monkeypatch, partial(Stack.create, files=True))


@pytest.fixture
def engine_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, _longer_timeouts: None) -> Iterator[Stack]:
    """A stack with the tables on an engine that keeps its promises under threads; the queues stay in moto."""
    with mock_aws(), restored_engine_stack(tmp_path) as made:
        yield from connected(monkeypatch, lambda: made)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Starts the process anew with other variables: `told(CORS_ORIGINS="*")`."""

    def tell(**variables: str) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        forget()

    yield tell
    forget()


@pytest.fixture
def chunks_of(told: Callable[..., None]) -> Callable[[int], None]:
    """A function that has files cut into chunks of so many bytes."""
    return lambda size: told(BATCH_CHUNK_BYTES=str(size))


@pytest.fixture
def written(capfd: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    """All that was logged, as the logger writes it, and all that went to standard output or error beside it.

    The logger keeps the standard output that it found when it was made, so a handler of our own listens in.
    """
    lines = StringIO()
    listener = logging.StreamHandler(lines)
    listener.setFormatter(logger.registered_formatter)
    logging.getLogger().addHandler(listener)
    yield lambda: lines.getvalue() + "".join(capfd.readouterr())
    logging.getLogger().removeHandler(listener)


@pytest.fixture
def caller() -> Caller:
    """An administrator."""
    return Caller()


def connected(monkeypatch: pytest.MonkeyPatch, make: Callable[[], Stack] = Stack.create) -> Iterator[Stack]:
    """A stack wherever boto3 points now, and a process that knows nothing but its environment."""
    made = make()
    for name, value in environment(made).items():
        monkeypatch.setenv(name, value)
    forget()
    yield made
    forget()


def forget() -> None:
    """Drop everything that a process remembers."""
    for name, module in list(sys.modules.items()):
        if name.startswith(("fraudshield.", "functions.")):
            for remembered in _remembered(name, len(vars(module))):
                remembered.cache_clear()


@cache
def _remembered(module: str, _: int) -> list[Any]:
    """What a module of so many names remembers by: looking at all names for every test takes longer than many do."""
    return [one for one in vars(sys.modules[module]).values() if hasattr(one, "cache_clear")]
