"""The template's resources, made once in a process and restored for each test: in moto's memory, in an engine's file.

Making them is some eighty calls, which take longer than most tests.
"""

import atexit
import copyreg
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from tempfile import mkdtemp
from threading import Condition
from typing import Any

import pytest
from moto.backends import get_backend
from moto.core.models import DEFAULT_ACCOUNT_ID

from infra.laptop.process import dynoxide
from tests.engine import one_at_a_time
from tests.stack import Stack

SERVICES: tuple[Any, ...] = ("dynamodb", "secretsmanager", "sns", "sqs")
DATABASE, ENDPOINT = "test.db", "AWS_ENDPOINT_URL_DYNAMODB"
Memory = dict[str, tuple[Any, dict[str, Any]]]  # by service the backend that had it, and what it had

copyreg.pickle(Condition, lambda _: (Condition, ()))  # a queue has a lock, and a copy of it one of its own


def restored_stack() -> Stack:
    """The stack, inside `mock_aws`, whose memory is then as it was when the resources had just been made."""
    stack, memory = _made()
    _restore(memory)
    return stack


@contextmanager
def restored_engine_stack(folder: Path) -> Iterator[Stack]:
    """The same with the tables on the engine, whose file lies in `folder`; boto3 points there while the block runs.

    Where there is no engine all of it is in moto, which takes one request at a time then.
    """
    binary = dynoxide.binary()
    if isinstance(binary, dynoxide.EngineMissing):
        with one_at_a_time():
            yield restored_stack()
        return
    stack, memory, made = _made_on_engine(binary)
    _restore(memory)
    for file in made.iterdir():
        shutil.copy(file, folder)
    with dynoxide.serve(binary, folder / DATABASE) as url, pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv(ENDPOINT, url)
        yield stack


@lru_cache
def _made() -> tuple[Stack, Memory]:
    stack = Stack.create()
    return stack, _memory()


@lru_cache
def _made_on_engine(binary: Path) -> tuple[Stack, Memory, Path]:
    """The third is a folder with the engine's file: a copy of it is what the engine goes on from."""
    folder = Path(mkdtemp(prefix="fraudshield-engine-"))
    with dynoxide.serve(binary, folder / DATABASE) as url, pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv(ENDPOINT, url)
        stack = Stack.create()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return stack, _memory(), folder


def _memory() -> Memory:
    return {service: (one := _backend(service), _copied(one, one, one.__dict__)) for service in SERVICES}


def _restore(memory: Memory) -> None:
    for service, (before, state) in memory.items():
        backend = _backend(service)
        backend.__dict__.update(_copied(before, backend, state))


def _backend(service: Any) -> Any:
    return get_backend(service)[DEFAULT_ACCOUNT_ID][os.environ["AWS_DEFAULT_REGION"]]


def _copied(before: Any, backend: Any, state: dict[str, Any]) -> dict[str, Any]:
    """What is in it that refers to the backend that had it refers to this one: moto makes another now and then."""
    return deepcopy(state, {id(before): backend})
