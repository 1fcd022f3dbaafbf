"""What a laptop cloud has started: sockets, processes, servers and tasks, ended in the reverse order."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractContextManager, AsyncExitStack
from socket import socket
from typing import Any, TypeVar

from starlette.types import ASGIApp

from infra.laptop.process.asgi_server import server
from infra.laptop.process.port import claim

T = TypeVar("T")

PAUSE_S = 1.0  # before work that failed begins again

logger = logging.getLogger(__name__)


class Lifecycle:
    """Starts and ends parts of a cloud on one event loop. Whatever was started through it is gone after `close`."""

    def __init__(self, pause_s: float = PAUSE_S) -> None:
        self._stack = AsyncExitStack()
        self._pause_s = pause_s

    async def close(self) -> None:
        """End everything, what was started last first."""
        await self._stack.aclose()

    def at_close(self, callback: Callable[[], Awaitable[None]]) -> None:
        """Await `callback` at the end."""
        self._stack.push_async_callback(callback)

    def enter(self, manager: AbstractContextManager[T]) -> T:
        """Enter a context that neither waits for anything as it begins nor as it ends."""
        return self._stack.enter_context(manager)

    async def enter_in_thread(self, manager: AbstractContextManager[T]) -> T:
        """Enter and leave a context that waits for a process. It is left even where nobody waited for it."""
        entering = asyncio.ensure_future(asyncio.to_thread(manager.__enter__))
        self._stack.push_async_callback(_leave, manager, entering)
        return await asyncio.shield(entering)

    def claim(self, port: int) -> socket:
        """Listen on a port of 127.0.0.1; 0 is any that is free. Raises SetupError."""
        return self.enter(claim(port))

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Run in the background, once; a failure is reported."""
        task = asyncio.ensure_future(work)
        task.add_done_callback(_report)
        self._stack.push_async_callback(_cancel, task)

    def keep_running(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run in the background until the end: what fails is reported, and begun again after a pause."""
        self.run(_kept_running(work, self._pause_s))

    def serve(self, app: ASGIApp, listening: socket) -> None:
        """Serve an app until the end, which lets it finish the requests under way."""
        serving = server(app)
        task = asyncio.ensure_future(serving.serve(sockets=[listening]))

        async def end() -> None:
            serving.should_exit = True
            await task

        self._stack.push_async_callback(end)


async def _leave(manager: AbstractContextManager[Any], entering: "asyncio.Future[Any]") -> None:
    await asyncio.wait({entering})
    if entering.exception() is None:
        await asyncio.to_thread(manager.__exit__, None, None, None)


async def _kept_running(work: Callable[[], Coroutine[Any, Any, None]], pause_s: float) -> None:
    while True:
        try:
            await work()
        except Exception as exc:  # whatever it is, what this carries must not wait for a restart of all
            logger.error("Something of the laptop cloud has failed, and begins again", exc_info=exc)
        await asyncio.sleep(pause_s)


def _report(task: "asyncio.Future[None]") -> None:
    if not task.cancelled() and task.exception() is not None:
        logger.error("Something of the laptop cloud has ended: what it carried waits", exc_info=task.exception())


async def _cancel(task: "asyncio.Future[None]") -> None:
    task.cancel()
    await asyncio.wait({task})
