"""moto's Step Functions, imported without its Batch, which would bring all of its EC2: seconds of every start."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace

STATUS = SimpleNamespace(SUCCEEDED="SUCCEEDED", FAILED="FAILED")
NAMES = ("moto.batch", "moto.batch.utils")


@contextmanager
def without_batch() -> Iterator[None]:
    """What is imported in the block finds an empty Batch, unless the real one is there already."""
    missing = [name for name in NAMES if name not in sys.modules]
    for name in missing:
        sys.modules[name] = ModuleType(name)
        vars(sys.modules[name])["JobStatus"] = STATUS
    try:
        yield
    finally:
        for name in missing:
            del sys.modules[name]
