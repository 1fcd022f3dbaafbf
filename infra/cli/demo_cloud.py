"""A laptop cloud of the demo's own: free ports, a home that is gone afterwards, none of the user's settings."""

import asyncio
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any

from infra.cli.application import cloud_options
from infra.laptop.apigateway.access_log import ServedRequest
from infra.laptop.cloud import Cloud
from infra.laptop.running import RunningCloud
from infra.laptop.state import StateDirectory

FUNCTION, TABLE = "ModelFunction", "TransactionsTable"
CATCH_UP_S = 30.0
LOOK_AGAIN_S = 0.2
SHOWN = ("gateway", "model", "backfill")  # what the demo asks; the other services would only take its CPU


@dataclass(frozen=True, slots=True)
class DemoCloud:
    """A cloud that is up, and where it keeps what it writes."""

    running: RunningCloud
    state: StateDirectory

    def key(self, setting: str) -> str:
        """The value of the key that stands for `setting`."""
        return next(key.value for key in self.running.keys if key.setting == setting)

    def stored(self, wanted: int) -> int:
        """How many items lie in the table of transactions, at the latest when `CATCH_UP_S` have passed.

        On a machine that is busy some are parked first and filed by the consumer of the parking queue.
        """
        address = self.state.running()
        if address is None:
            return 0
        give_up_at = time.monotonic() + CATCH_UP_S
        client = address.sdk.client("dynamodb")
        try:
            while (found := _count(client)) < wanted and time.monotonic() < give_up_at:
                time.sleep(LOOK_AGAIN_S)
            return found
        finally:
            client.close()


def _count(client: Any) -> int:
    pages = client.get_paginator("scan").paginate(TableName=TABLE, Select="COUNT")
    return sum(page["Count"] for page in pages)


@contextmanager
def demo_cloud(log: Path) -> Iterator[DemoCloud]:
    """Up while the block runs, on a loop in a thread of its own; then the function's log lines are in `log`.

    The keys are made for it and forgotten with it: nobody's real ones are sent, not even to this machine.

    Raises:
        SetupError: it did not start; carries what was said.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="fraudshield-", ignore_cleanup_errors=True) as home:
        state = StateDirectory(Path(home))
        try:
            with _up(state) as running:
                yield DemoCloud(running, state)
        finally:
            said = state.logs / f"{FUNCTION}.log"
            if said.exists():
                shutil.copyfile(said, log)


@contextmanager
def _up(state: StateDirectory) -> Iterator[RunningCloud]:
    running, enough, over = Future[RunningCloud](), Future[None](), Future[None]()
    cloud = Cloud(cloud_options({}, state.home, 0, SHOWN), _unobserved)

    def live() -> None:
        try:
            asyncio.run(_live(cloud, running, enough))
        finally:
            over.set_result(None)

    thread = Thread(target=live, name="cloud", daemon=True)
    try:
        thread.start()  # it may be writing already when Ctrl-C ends the waiting for it
        yield running.result()
    finally:
        enough.set_result(None)
        if thread.ident is not None:
            over.result()


async def _live(cloud: Cloud, running: "Future[RunningCloud]", enough: "Future[None]") -> None:
    starting, ending = asyncio.ensure_future(cloud.start()), asyncio.wrap_future(enough)
    either: set[asyncio.Future[Any]] = {starting, ending}
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    if not starting.done():
        starting.cancel()
        await asyncio.wait({starting})
    elif exc := starting.exception():
        running.set_exception(exc)
    else:
        running.set_result(starting.result())
        await ending
        await cloud.stop()


def _unobserved(_: ServedRequest) -> None:
    """The demo prints responses, not requests."""
