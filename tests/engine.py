"""A DynamoDB that keeps its promises under threads: the SQLite engine, or moto one request at a time."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

import pytest
from moto.core.botocore_stubber import BotocoreStubber

from infra.laptop.process import dynoxide

DATABASE = "test.db"


@contextmanager
def engine(folder: Path) -> Iterator[Mapping[str, str]]:
    """The variables that lead to the engine, while the block runs; to be used inside `mock_aws`."""
    binary = dynoxide.binary()
    if isinstance(binary, dynoxide.EngineMissing):
        with one_at_a_time():
            yield {}
    else:
        with dynoxide.serve(binary, folder / DATABASE) as url:
            yield {"AWS_ENDPOINT_URL_DYNAMODB": url}


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """moto in process loses writes when several threads are in it."""
    lock, handle = RLock(), BotocoreStubber.process_request

    def alone(stubber: BotocoreStubber, request: Any) -> Any:
        with lock:
            return handle(stubber, request)

    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(BotocoreStubber, "process_request", alone)
        yield
