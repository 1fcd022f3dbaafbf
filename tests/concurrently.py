"""Functions that run at the same moment."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

T = TypeVar("T")


def concurrently(functions: Sequence[Callable[[], T]]) -> list[T]:
    """Each in a thread of its own with an event loop of its own, all let go at the same moment."""
    barrier = Barrier(len(functions))

    def run(function: Callable[[], T]) -> T:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            barrier.wait()
            return function()
        finally:
            asyncio.set_event_loop(None)
            loop.close()

    with ThreadPoolExecutor(len(functions)) as pool:
        return list(pool.map(run, functions))
