"""A snapshot of moto with the template's resources: made once in a process, and restored for each test.

Making them is some sixty calls, which take longer than most tests.
"""

import copyreg
import os
from copy import deepcopy
from functools import lru_cache
from threading import Condition
from typing import Any

from moto.backends import get_backend
from moto.core.models import DEFAULT_ACCOUNT_ID

from tests.stack import Stack

SERVICES: tuple[Any, ...] = ("dynamodb", "secretsmanager", "sns", "sqs")
Memory = dict[str, dict[str, Any]]

copyreg.pickle(Condition, lambda _: (Condition, ()))  # a queue has a lock, and a copy of it one of its own


def restored_stack() -> Stack:
    """The stack, inside `mock_aws`, whose memory is then as it was when the resources had just been made."""
    stack, memory = _made()
    for service, state in memory.items():
        backend = _backend(service)
        backend.__dict__.update(_copied(backend, state))
    return stack


@lru_cache
def _made() -> tuple[Stack, Memory]:
    stack = Stack.create()
    return stack, {service: _copied(_backend(service), _backend(service).__dict__) for service in SERVICES}


def _backend(service: Any) -> Any:
    return get_backend(service)[DEFAULT_ACCOUNT_ID][os.environ["AWS_DEFAULT_REGION"]]


def _copied(backend: Any, state: dict[str, Any]) -> dict[str, Any]:
    """What is in it that refers to the backend still does: moto keeps one for as long as the process lives."""
    return deepcopy(state, {id(backend): backend})
