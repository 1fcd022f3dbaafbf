"""The workers of one function: warm ones are used again, idle ones leave, never more than its concurrency."""

import asyncio
import json
import math
import time
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any

from infra.laptop.awslambda.function import FunctionSpec
from infra.laptop.awslambda.function_log import FunctionLog
from infra.laptop.awslambda.invocation import FunctionResponse, Invocation, InvocationRequest, throttled
from infra.laptop.awslambda.worker import Worker

STATUS = {"Sandbox.Timedout": "timeout"}  # REPORT's word; every other failure of the sandbox is an "error"


class Pool:
    """The workers of one function. It belongs to the event loop that it is first used in."""

    def __init__(self, spec: FunctionSpec, client: str, log: FunctionLog, idle_s: float) -> None:
        self._spec = spec
        self._client = client
        self._log = log
        self._idle_s = idle_s
        self._slots = asyncio.Semaphore(spec.concurrency)
        self._idle: dict[Worker, asyncio.TimerHandle] = {}  # the one used last comes last
        self._workers: set[Worker] = set()
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def pids(self) -> frozenset[int]:
        """The worker processes that are there now."""
        return frozenset(worker.pid for worker in self._workers if worker.alive)

    async def invoke(self, request: InvocationRequest, wait_s: float) -> Invocation:
        """Run one request, after at most `wait_s` for a free worker. Once begun it ends, whether awaited or not."""
        try:
            async with asyncio.timeout(wait_s):
                await self._slots.acquire()
        except TimeoutError:
            return Invocation.of(throttled(), request.request_id)
        running = self._spawn(self._run(request))
        running.add_done_callback(lambda _: self._slots.release())
        return await asyncio.shield(running)

    async def stop(self) -> None:
        """End every worker, busy or not."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for timer in self._idle.values():
            timer.cancel()
        self._idle.clear()
        await asyncio.gather(*(worker.stop() for worker in self._workers))
        self._workers.clear()
        self._log.close()

    async def _run(self, request: InvocationRequest) -> Invocation:
        worker = await self._warm()
        init_ms = None
        if worker is None:
            worker, failure, init_ms = await self._cold(request.request_id)
            if failure is not None:
                self._put_back(worker)
                return Invocation.of(failure, request.request_id, init_ms)
        try:
            response, duration_ms = await self._invoked(worker, request, init_ms)
        except BaseException:  # it may be in the middle of the request still, so nobody else can have it
            await worker.kill()
            raise
        finally:
            self._put_back(worker)
        if worker.missed and init_ms is None:  # it died while it was idle; a new one would only do it again
            return await self._run(request)
        return Invocation.of(response, request.request_id, duration_ms)

    async def _invoked(
        self, worker: Worker, request: InvocationRequest, init_ms: float | None
    ) -> tuple[FunctionResponse, float]:
        """The response and the milliseconds it took, with what Lambda logs of them."""
        self._log.write(f"START RequestId: {request.request_id} Version: $LATEST")
        begun = time.monotonic()
        response = await worker.invoke(request)
        duration_ms = (time.monotonic() - begun) * 1000
        if worker.missed and init_ms is None:
            return response, duration_ms
        if not worker.alive:
            said = json.loads(response.body)["errorMessage"]
            self._log.write(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ} {request.request_id} {said}")
        self._report(request.request_id, response, duration_ms, init_ms, worker.peak_mb)
        return response, duration_ms

    async def _warm(self) -> Worker | None:
        """The idle worker that was used last; those that died meanwhile are cleared away."""
        while self._idle:
            worker, timer = self._idle.popitem()
            timer.cancel()
            if worker.alive:
                return worker
            self._workers.discard(worker)
            await worker.kill()
        return None

    async def _cold(self, request_id: str) -> tuple[Worker, FunctionResponse | None, float]:
        """A new worker, its failure if it has one, and the milliseconds it took."""
        begun = time.monotonic()
        worker = await Worker.start(self._spec, self._client, self._log)
        self._workers.add(worker)
        try:
            failure = await worker.initialise(request_id)
        except BaseException:
            await worker.kill()
            self._put_back(worker)
            raise
        init_ms = (time.monotonic() - begun) * 1000
        if failure is not None:
            status = f"Status: {STATUS.get(str(failure.error_type), 'error')}\tError Type: {failure.error_type}"
            self._log.write(f"INIT_REPORT Init Duration: {init_ms:.2f} ms\tPhase: init\t{status}")
        return worker, failure, init_ms

    def _put_back(self, worker: Worker) -> None:
        if not worker.alive:
            self._workers.discard(worker)
            return
        loop = asyncio.get_running_loop()
        self._idle[worker] = loop.call_later(self._idle_s, self._retire, worker)

    def _retire(self, worker: Worker) -> None:
        del self._idle[worker]
        self._spawn(self._let_go(worker))

    async def _let_go(self, worker: Worker) -> None:
        await worker.stop()
        self._workers.discard(worker)

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _report(
        self,
        request_id: str,
        response: FunctionResponse,
        duration_ms: float,
        init_ms: float | None,
        peak_mb: float | None,
    ) -> None:
        """The lines that Lambda ends an invocation with."""
        parts = [f"REPORT RequestId: {request_id}", f"Duration: {duration_ms:.2f} ms"]
        parts += [f"Billed Duration: {math.ceil(duration_ms)} ms", f"Memory Size: {self._spec.memory_mb} MB"]
        parts += [f"Max Memory Used: {peak_mb:.0f} MB"] if peak_mb is not None else []
        parts += [f"Init Duration: {init_ms:.2f} ms"] if init_ms is not None else []
        if response.error_type and response.error_type.startswith(("Sandbox.", "Runtime.")):
            parts += [f"Status: {STATUS.get(response.error_type, 'error')}", f"Error Type: {response.error_type}"]
        self._log.write(f"END RequestId: {request_id}")
        self._log.write("\t".join(parts))
