"""The laptop cloud, put together: engine, services, functions, pumps and the front, from start to stop."""

import asyncio
import logging
import time
from collections.abc import Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, AsyncExitStack
from dataclasses import replace
from functools import cache
from pathlib import Path
from socket import socket
from typing import Any, TypeVar

from starlette.types import ASGIApp

from fraudshield.errors import ConfigurationError, NotFound
from infra import template
from infra.local import deploy, engine, moto_server
from infra.local.access_log import AccessLog, Observe, Served
from infra.local.alarm import alarm_specs
from infra.local.alarm_pump import AlarmPump
from infra.local.console import Address, Running
from infra.local.door import Door
from infra.local.event_rule import tell_again
from infra.local.front import Front
from infra.local.function import FunctionSpec, functions
from infra.local.function_log import Listener
from infra.local.intrinsic import Resolver
from infra.local.invocation import Answer, Invocation
from infra.local.key import keys
from infra.local.lambda_api import LambdaApi
from infra.local.listener import LOOPBACK, server
from infra.local.log_pump import LogPump
from infra.local.log_subscription import access_log_group, log_groups, log_subscriptions
from infra.local.mail import feedback_topic
from infra.local.mail_pump import MailPump
from infra.local.mailbox import Mailbox
from infra.local.metric_feed import MetricFeed
from infra.local.outbox import Outbox
from infra.local.place import Place
from infra.local.port import claim, free
from infra.local.pumps import pumps
from infra.local.route import Lambda
from infra.local.runtime import Runtime
from infra.local.sdk import Client, Sdk
from infra.local.secret import bring_back_secrets, keep_secrets
from infra.local.state_machine import start_again
from infra.local.timer import Timer, scheduled_rules
from infra.local.wish import DOORS, Wish
from infra.parameter import parameters
from infra.template import Template

TEMPLATE = Path(__file__).parents[2] / "template.yaml"
SUFFIX = "Function"
SENDER = "fraudshield@example.com"  # of mails that never leave this machine

THREADS = 64  # every pump waits in one nearly all the time; asyncio itself would have six on two CPUs

T = TypeVar("T")

logger = logging.getLogger(__name__)


class Cloud:
    """Belongs to one loop. `start` it once, then `stop` it."""

    def __init__(self, wish: Wish, observe: Observe) -> None:
        self._wish = wish
        self._observe = observe
        self._stack = AsyncExitStack()

    async def start(self) -> Running:
        """Everything is reachable when this returns.

        Raises:
            ConfigurationError: a setting, a port, the template or a program is not as it must be; nothing runs then.
        """
        try:
            return await self._start(time.monotonic())
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """The servers first, so that nobody is cut off; in the end no process and no port of ours is left."""
        await self._stack.aclose()

    async def _start(self, begun: float) -> Running:
        wish, place = self._wish, self._wish.place
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS, thread_name_prefix="cloud"))
        self._stack.enter_context(place.taken())
        chosen = keys(wish.env, place.keys)
        gateway, called = self._claim(wish.ports.gateway), self._claim(wish.ports.functions)
        outbox = self._claim(wish.ports.outbox)
        ports = replace(wish.ports, services=free(wish.ports.services), dynamodb=free(wish.ports.dynamodb))
        services = f"http://{LOOPBACK}:{ports.services}"
        expanded, store, _ = await asyncio.gather(
            asyncio.to_thread(template.expand, TEMPLATE),
            asyncio.to_thread(engine.choose, wish.env, place.home),
            self._enter(moto_server.serve(ports.services, place.logs / "moto.log", place.home, _url(called))),
        )
        endpoint = await self._enter(engine.serve(store, ports.dynamodb, services, place.logs))
        sdk = Sdk(services, endpoint, _url(called))
        client = cache(sdk.client)  # making one takes longer than making a table
        given = {"PublicUrl": _url(gateway), "FromEmail": SENDER} | parameters(wish.env)
        resolver = await asyncio.to_thread(_deploy, expanded, given, client, place)
        specs = _chosen(functions(resolver, sdk.variables()), wish.only)
        feed = MetricFeed(client("cloudwatch"))
        logs = _log_pump(resolver, specs)
        runtime = Runtime(specs, place.logs, listener=_both(feed.line, logs.line))
        self._stack.push_async_callback(runtime.stop)
        self._pump(resolver, client, runtime, specs)
        self._run(logs.run(runtime.invoke_event))
        self._watch(resolver, client, runtime, specs, feed)
        front = Front(resolver, Functions(runtime).invoke, chosen, self._observer(logs))
        self._serve(LambdaApi(runtime), called)
        self._serve(front, gateway)
        self._serve(Outbox(Mailbox(services)), outbox)
        if topic := feedback_topic(resolver):
            self._run(MailPump(Mailbox(services).since, client("sns"), topic).run())
        doors = self._open_doors(front, specs)
        self._run(asyncio.to_thread(_go_on, resolver, client, place))
        place.publish(_url(gateway), sdk, _url(outbox))
        return Running(
            gateway=_url(gateway),
            doors=doors,
            keys=chosen,
            engine=store,
            logs=str(place.logs),
            outbox=_url(outbox),
            start_s=time.monotonic() - begun,
        )

    def _observer(self, logs: LogPump) -> Observe:
        log = AccessLog(self._wish.place.logs / "access.log")
        self._stack.callback(log.close)

        def observe(one: Served) -> None:
            log.write(one)
            logs.request(one.line)
            self._observe(one)

        return observe

    def _claim(self, port: int) -> socket:
        return self._stack.enter_context(claim(port))

    async def _enter(self, manager: AbstractContextManager[T]) -> T:
        """Enter and leave in threads: both wait for a process. It is left even where nobody waited for it."""
        entering = asyncio.ensure_future(asyncio.to_thread(manager.__enter__))
        self._stack.push_async_callback(_leave, manager, entering)
        return await asyncio.shield(entering)

    def _pump(self, resolver: Resolver, client: Client, runtime: Runtime, specs: Mapping[str, FunctionSpec]) -> None:
        for pump in pumps(resolver, client, runtime.invoke, specs.keys(), self._wish.place.positions):
            self._run(pump.run())

    def _watch(
        self, resolver: Resolver, client: Client, runtime: Runtime, specs: Mapping[str, FunctionSpec], feed: MetricFeed
    ) -> None:
        """What happens by the clock."""
        rules = [rule for rule in scheduled_rules(resolver) if rule.function in specs]
        self._run(Timer(rules, runtime.invoke_event).run())
        self._run(feed.run())
        self._run(AlarmPump(alarm_specs(resolver), client("cloudwatch"), client("sns")).run())

    def _run(self, pumping: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(pumping)
        task.add_done_callback(_report)
        self._stack.push_async_callback(_cancel, task)

    def _open_doors(self, front: Front, specs: Mapping[str, FunctionSpec]) -> list[Address]:
        opened = []
        integrations = [route.integration for route in front.routes]
        routed = {one.function: one for one in integrations if isinstance(one, Lambda)}
        for name in DOORS:
            if name in specs and name in routed:
                place = self._claim(self._wish.ports.doors[name])
                self._serve(Door(front, routed[name], place.getsockname()[1], self._observe), place)
                opened.append(Address(_service(name), _url(place)))
        return opened

    def _serve(self, app: ASGIApp, place: socket) -> None:
        serving = server(app)
        task = asyncio.ensure_future(serving.serve(sockets=[place]))

        async def end() -> None:
            serving.should_exit = True
            await task

        self._stack.push_async_callback(end)


class Functions:
    """Invokes what runs; what was left out by choice fails as a function that is not deployed."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def invoke(self, function: str, event: bytes, trace: str | None = None) -> Invocation:
        """See `Runtime.invoke`."""
        try:
            return await self._runtime.invoke(function, event, trace)
        except NotFound as exc:
            return Invocation.of(Answer.failure("ResourceNotFoundException", str(exc)), request_id="")


async def _leave(manager: AbstractContextManager[Any], entering: "asyncio.Future[Any]") -> None:
    await asyncio.wait({entering})
    if entering.exception() is None:
        await asyncio.to_thread(manager.__exit__, None, None, None)


def _deploy(expanded: Template, given: Mapping[str, str], client: Client, place: Place) -> Resolver:
    """What was kept is there before what is missing is made."""
    bring_back_secrets(client, place.secrets)
    resolver = deploy.deploy(expanded, given, client)
    keep_secrets(resolver, client, place.secrets)
    return resolver


def _go_on(resolver: Resolver, client: Client, place: Place) -> None:
    """What queues held and what ran when an earlier laptop went away."""
    tell_again(resolver, client)
    start_again(client, place.executions)


def _log_pump(resolver: Resolver, specs: Mapping[str, FunctionSpec]) -> LogPump:
    told = [one for one in log_subscriptions(resolver) if one.function in specs]
    return LogPump(told, log_groups(resolver), access_log_group(resolver))


def _both(one: Listener, other: Listener) -> Listener:
    def hear(function: str, line: str) -> None:
        one(function, line)
        other(function, line)

    return hear


def _chosen(specs: Mapping[str, FunctionSpec], only: Sequence[str]) -> dict[str, FunctionSpec]:
    names = {_service(name): name for name in specs}
    unknown = [service for service in only if service not in names]
    if unknown:
        raise ConfigurationError(f"There is no service {', '.join(unknown)}; there are {', '.join(sorted(names))}")
    return {names[service]: specs[names[service]] for service in only} if only else dict(specs)


def _service(function: str) -> str:
    return function.removesuffix(SUFFIX).lower()


def _url(place: socket) -> str:
    return f"http://{LOOPBACK}:{place.getsockname()[1]}"


def _report(task: "asyncio.Future[None]") -> None:
    if not task.cancelled() and task.exception() is not None:
        logger.error("Something of the laptop cloud has ended: what it carried waits", exc_info=task.exception())


async def _cancel(task: "asyncio.Future[None]") -> None:
    task.cancel()
    await asyncio.wait({task})
