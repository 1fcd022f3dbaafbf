"""Records a run anew: `python -m tests.price.record` writes what `make cost` works with."""

from tests.process.surroundings import LOOP  # isort: skip

import asyncio
import os
import platform
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from moto import mock_aws

from infra.laptop.process import dynoxide
from infra.price.record import FILE, RunRecord, write
from tests.conftest import connected
from tests.price.part import Parts
from tests.stack import Stack
from tests.timeouts import lengthen, wait_for_history, wait_for_store


def main() -> None:
    """Run every part once, and keep it."""
    with redirect_stdout(sys.stderr), TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        run = recorded(Path(folder), patch, Parts.all)
    write(run)
    sys.stdout.write(f"{FILE}: {len(run.parts)} parts\n")


def recorded(folder: Path, patch: pytest.MonkeyPatch, record: Callable[[Parts], None]) -> RunRecord:
    """What `record` records on a stack of its own, whose tables lie in `folder`; moto counts one unit for everything.

    Raises:
        SystemExit: there is no DynamoDB engine here, which is what counts units.
    """
    binary = dynoxide.binary()
    if isinstance(binary, dynoxide.EngineMissing):
        raise SystemExit(f"Nothing was recorded: {binary.reason}")
    asyncio.set_event_loop(LOOP)
    lengthen(patch)
    wait_for_store(patch)
    wait_for_history(patch)
    with mock_aws(), dynoxide.serve(binary, folder / "price.db") as url:
        patch.setenv("AWS_ENDPOINT_URL_DYNAMODB", url)
        for stack in connected(patch, lambda: Stack.create(files=True)):
            parts = Parts(stack)
            record(parts)
    return RunRecord(f"{datetime.now(UTC):%Y-%m-%d}", machine(), parts.done, len(parts.metrics))


def machine() -> str:
    """What durations are of."""
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"


if __name__ == "__main__":
    main()
