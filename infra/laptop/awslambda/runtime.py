"""Lambda on this machine: functions are invoked by name, each in processes of its own."""

import asyncio
import importlib.util
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from infra.laptop.awslambda.function import FunctionSpec
from infra.laptop.awslambda.function_log import FunctionLog, Listener
from infra.laptop.awslambda.invocation import (
    EVENT_BYTES,
    REQUEST_BYTES,
    RETRY_WAITS_S,
    DiscardedEvent,
    Invocation,
    InvocationRequest,
    request_too_large,
    trace_header,
)
from infra.laptop.awslambda.pool import Pool
from infra.laptop.errors import RequestError, SetupError

IDLE_S = 300.0
WAIT_S = 29.0  # API Gateway's own limit for an integration
CLIENTS = ("awslambdaric", "plain")


async def drop(_: DiscardedEvent) -> None:
    """Do nothing with a discarded event: its function has no failure queue."""


def runtime_client() -> str:
    """AWS's own runtime client where it is installed (there are wheels for Linux), else the plain one."""
    found = all(importlib.util.find_spec(name) for name in ("awslambdaric", "runtime_client"))
    return "awslambdaric" if found else "plain"


class Runtime:
    """Invokes functions. It belongs to the event loop that it is first used in; `stop` it there.

    Raises:
        SetupError: `client` is none that there is.
    """

    def __init__(
        self,
        functions: Mapping[str, FunctionSpec],
        logs: Path,
        listener: Listener | None = None,
        discarded: Callable[[DiscardedEvent], Awaitable[None]] = drop,
        client: str | None = None,
        idle_s: float = IDLE_S,
        retry_waits_s: tuple[float, ...] = RETRY_WAITS_S,
    ) -> None:
        chosen = client or runtime_client()
        if chosen not in CLIENTS:
            raise SetupError(f"{chosen} is no Lambda runtime client; there are {' and '.join(CLIENTS)}")
        self._pools = {
            name: Pool(spec, chosen, FunctionLog(name, logs, listener), idle_s) for name, spec in functions.items()
        }
        self._discarded = discarded
        self._retry_waits_s = retry_waits_s
        self._events: set[asyncio.Task[None]] = set()

    @property
    def pids(self) -> frozenset[int]:
        """The worker processes that are there now."""
        return frozenset().union(*(pool.pids for pool in self._pools.values()))

    async def invoke(self, function: str, event: bytes, trace: str | None = None, wait_s: float = WAIT_S) -> Invocation:
        """Run `function` (its logical id) on an event (JSON) and wait for the response.

        AWS throttles at once when every worker is busy; here the caller waits `wait_s` for one first.

        Raises:
            RequestError: there is no such function.
        """
        pool = self._pool(function)
        request = InvocationRequest(event, trace=trace or trace_header())
        if len(event) > REQUEST_BYTES:
            return Invocation.of(request_too_large(REQUEST_BYTES), request.request_id)
        return await pool.invoke(request, wait_s)

    async def invoke_event(self, function: str, event: bytes) -> Invocation:
        """Take an event to run later: the response is an acceptance, empty, or a refusal.

        A failure is tried again twice, under the same request id; then the event goes to `discarded`.

        Raises:
            RequestError: there is no such function.
        """
        self._pool(function)
        request = InvocationRequest(event)
        if len(event) > EVENT_BYTES:
            return Invocation.of(request_too_large(EVENT_BYTES), request.request_id)
        task = asyncio.ensure_future(self._deliver(function, request))
        self._events.add(task)
        task.add_done_callback(self._events.discard)
        return Invocation(b"", None, None, request.request_id, 0.0)

    async def stop(self) -> None:
        """End every worker. Events that wait for another try are discarded: nobody would try them again."""
        for task in self._events:
            task.cancel()
        await asyncio.gather(*self._events, return_exceptions=True)
        await asyncio.gather(*(pool.stop() for pool in self._pools.values()))

    async def _deliver(self, function: str, request: InvocationRequest) -> None:
        last = await self._pool(function).invoke(request, WAIT_S)
        for times, wait_s in enumerate(self._retry_waits_s, start=1):
            if last.error is None:
                return
            try:
                await asyncio.sleep(wait_s)
            except asyncio.CancelledError:
                await self._discarded(DiscardedEvent(function, request.event, last, times))
                raise
            last = await self._pool(function).invoke(request, WAIT_S)
        if last.error is not None:
            await self._discarded(DiscardedEvent(function, request.event, last, len(self._retry_waits_s) + 1))

    def _pool(self, function: str) -> Pool:
        if function not in self._pools:
            raise RequestError(f"there is no function {function}; there are {', '.join(sorted(self._pools))}")
        return self._pools[function]
