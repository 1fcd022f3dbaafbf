"""Consumers of queues and streams without the gateway: engine, moto, functions in processes of their own, pollers.

Everything is the laptop cloud's own, so an event has the shape that it has there. What differs: a function's process
can be killed in the middle, its handler exchanged, and a retry comes after seconds instead of minutes.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from infra.cli.path import PYTHON_PATH
from infra.laptop import deploy
from infra.laptop.awslambda.function import functions
from infra.laptop.awslambda.runtime import Runtime
from infra.laptop.intrinsic import Resolver
from infra.laptop.moto import server as moto_server
from infra.laptop.process import dynoxide
from infra.laptop.process.port import free
from infra.laptop.sdk import Sdk
from infra.laptop.sources.pollers import pollers
from infra.laptop.template import Template, of_type
from tests.faults.harness.killer import Killer
from tests.stack import template

POSITIONS = "streams.json"  # how far the streams have been read
NOBODY = "http://127.0.0.1:9"  # no function calls another here

Change = Callable[[Template], object]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Works:
    """The parts that run. The resolver knows names and URLs by logical id."""

    resolver: Resolver = field(repr=False)
    sdk: Sdk
    home: Path
    killer: Killer = field(repr=False)
    clients: dict[str, Any] = field(default_factory=dict, repr=False)

    def client(self, service: str) -> Any:
        """A boto3 client of a service of AWS, made once."""
        if service not in self.clients:
            self.clients[service] = self.sdk.client(service)
        return self.clients[service]

    def at(self, logical_id: str) -> str:
        """The name of a table, the URL of a queue."""
        return str(self.resolver.refs[logical_id])


@asynccontextmanager
async def works(
    home: Path, engine: Path, handlers: Mapping[str, str | None], change: Change, seed: str
) -> AsyncIterator[Works]:
    """The functions of `handlers` (by logical id) run while the block does, each with its own handler or another.

    Data lie in `home`; the file `faulty` there is what handlers/faulty.py look at.
    """
    async with AsyncExitStack() as stack:
        changed = deepcopy(template())
        change(changed)
        services = free(0)
        await _enter(stack, moto_server.serve(services, home / "moto.log", home, NOBODY))
        dynamodb = await _enter(stack, dynoxide.serve(engine, home / "dynamodb.db"))
        sdk = Sdk(f"http://127.0.0.1:{services}", dynamodb, NOBODY)
        resolver = await asyncio.to_thread(deploy.deploy, changed, {}, sdk.client)
        runtimes = {}
        for name, spec in functions(resolver, sdk.variables(), PYTHON_PATH).items():
            if name in handlers:
                told = {**spec.environment, "FAULTY": str(home / "faulty")}
                own = replace(spec, handler=handlers[name] or spec.handler, environment=told)
                runtimes[name] = Runtime({name: own}, home / "logs")
                stack.push_async_callback(runtimes[name].stop)
        killer = Killer(runtimes, seed)
        for poller in pollers(resolver, sdk.client, killer.invoke, runtimes.keys(), home / POSITIONS):
            _run(stack, poller.run())
        running = Works(resolver, sdk, home, killer)
        yield running
        for client in running.clients.values():
            client.close()


def impatient(visible_s: int, batches: Mapping[str, int], receives: int = 5, retries: int = 100) -> Change:
    """The template, made for a run of seconds.

    Every message comes again after `visible_s`, and is dead after so many receives; a stream's batch is given up after
    so many retries. `batches` are sizes by mapping; no batch waits to be filled.
    """

    def change(changed: Template) -> None:
        for name, _ in of_type(changed, "AWS::SQS::Queue"):
            queue = changed["Resources"][name]["Properties"]
            if "RedrivePolicy" in queue:
                queue["VisibilityTimeout"] = visible_s
                queue["RedrivePolicy"] |= {"maxReceiveCount": receives}
        for mapping, size in batches.items():
            properties = changed["Resources"][mapping]["Properties"]
            properties |= {"BatchSize": size, "MaximumBatchingWindowInSeconds": 0}
            if "MaximumRetryAttempts" in properties:
                properties["MaximumRetryAttempts"] = retries

    return change


async def _enter(stack: AsyncExitStack, manager: AbstractContextManager[T]) -> T:
    """Enter and leave in threads: both wait for a process."""
    value = await asyncio.to_thread(manager.__enter__)
    stack.push_async_callback(asyncio.to_thread, manager.__exit__, None, None, None)
    return value


def _run(stack: AsyncExitStack, polling: Coroutine[Any, Any, None]) -> None:
    task = asyncio.ensure_future(polling)

    async def end() -> None:
        task.cancel()
        await asyncio.wait({task})
        if not task.cancelled():
            task.result()

    stack.push_async_callback(end)
