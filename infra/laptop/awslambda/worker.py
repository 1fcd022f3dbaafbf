"""One process that runs one function, one request at a time."""

import asyncio
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from infra.laptop.awslambda.function import FunctionSpec
from infra.laptop.awslambda.function_log import FunctionLog, Pipe
from infra.laptop.awslambda.invocation import FunctionResponse, InvocationRequest, exited, out_of_memory, timed_out
from infra.laptop.awslambda.process_memory import ProcessMemory
from infra.laptop.awslambda.runtime_api import RuntimeApi

BOOTSTRAP = Path(__file__).with_name("bootstrap.py")
INIT_S = 10.0  # https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html: init has this much extra
CHECK_S = 0.05  # how often a running worker's memory is looked at
TERM_S = 1.0  # from SIGTERM to SIGKILL


class Worker:
    """A process in a group of its own; whatever it started goes with it.

    The memory limit is the process's peak resident size against MemorySize, without head-room, as Lambda counts.
    An address-space limit would not do: threads reserve far more than they touch. Where there is no /proc the
    peak is unknown and not limited.
    """

    def __init__(
        self, spec: FunctionSpec, api: RuntimeApi, process: asyncio.subprocess.Process, output: Pipe, lifeline: int
    ) -> None:
        self._spec = spec
        self._api = api
        self._process = process
        self._exit = asyncio.ensure_future(process.wait())
        self._output = output
        self._lifeline = lifeline
        self._memory = ProcessMemory(process.pid)
        self._peak_mb: float | None = None
        self._closed = False
        self.missed = False

    @classmethod
    async def start(cls, spec: FunctionSpec, client: str, log: FunctionLog) -> "Worker":
        """Start a process; `client` names the Runtime API client, one of bootstrap.py's."""
        api, output = RuntimeApi(), Pipe(log.write)
        held, lifeline = os.pipe()  # nothing is ever written: its end tells the worker that we are gone
        try:
            await api.listen(spec.arn)
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", str(BOOTSTRAP), client, spec.handler),
                stdin=held,
                stdout=output.write_end,
                stderr=output.write_end,
                env=_environment(spec, api.address),
                cwd=spec.path[0],
                start_new_session=True,
            )
        except BaseException:  # stopped in the middle, too
            _close(api, output, lifeline)
            raise
        finally:
            os.close(held)
            os.close(output.write_end)
        return cls(spec, api, process, output, lifeline)

    @property
    def alive(self) -> bool:
        """Whether the process is still there."""
        return not self._exit.done()

    @property
    def pid(self) -> int:
        """The id of the process, and of its group."""
        return self._process.pid

    @property
    def peak_mb(self) -> float | None:
        """The most resident memory the process had when it was last looked at; None when that cannot be known."""
        return self._peak_mb

    async def initialise(self, request_id: str) -> FunctionResponse | None:
        """Wait until the worker is ready; otherwise the failure, and the worker is dead.

        Beyond its own ten seconds an init counts against the function's time-out.
        """
        wanted = self._api.initialised
        end = time.monotonic() + INIT_S + self._spec.timeout_s
        failure = await self._failure(wanted, request_id, end) or wanted.result()
        if failure is not None:
            await self.kill()
        return failure

    async def invoke(self, request: InvocationRequest) -> FunctionResponse:
        """The worker's response, or Lambda's for it, and then the worker is dead.

        Where `missed` is set the process ended before it read the request: another worker may run it.
        """
        end = time.monotonic() + self._spec.timeout_s
        response = self._api.offer(request, int((time.time() + self._spec.timeout_s) * 1000))
        failure = await self._failure(response, request.request_id, end)
        if failure is None and self._over():
            failure = out_of_memory(request.request_id)
        if failure is None:
            return response.result()
        await self.kill()
        return failure

    async def stop(self) -> None:
        """End the process: asked first, then made to."""
        _signal(self.pid, signal.SIGTERM)
        await asyncio.wait({self._exit}, timeout=TERM_S)
        await self.kill()

    async def kill(self) -> None:
        """End the process and all it has started, now. Harmless on one that is dead."""
        _signal(self.pid, signal.SIGKILL)
        await self._exit
        if not self._closed:
            self._closed = True
            self._memory.close()
            _close(self._api, self._output, self._lifeline)

    async def _failure(self, wanted: "asyncio.Future[Any]", request_id: str, end: float) -> FunctionResponse | None:
        """Wait: None once `wanted` is done, else how the process died, outgrew its memory or ran out of time before."""
        while not wanted.done():
            left = end - time.monotonic()
            if left <= 0:
                return timed_out(request_id, self._spec.timeout_s)
            if self._exit.done():
                self.missed = await self._api.unread()
                return exited(request_id, self._exit.result())
            check_s = min(CHECK_S, left)
            done, _ = await asyncio.wait({wanted, self._exit}, timeout=check_s, return_when=asyncio.FIRST_COMPLETED)
            if not done and self._over():
                return out_of_memory(request_id)
        return None

    def _over(self) -> bool:
        self._peak_mb = self._memory.peak_mb()
        return self._peak_mb is not None and self._peak_mb > self._spec.memory_mb


def _environment(spec: FunctionSpec, address: str) -> dict[str, str]:
    """The worker's environment: nothing of ours but what a program needs to start."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    path = os.pathsep.join(map(str, spec.path))
    return inherited | spec.variables() | {"PYTHONPATH": path, "AWS_LAMBDA_RUNTIME_API": address}


def _signal(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):  # macOS says the latter of a group of zombies
        os.killpg(group, number)


def _close(api: RuntimeApi, output: Pipe, lifeline: int) -> None:
    api.close()
    output.close()
    os.close(lifeline)
