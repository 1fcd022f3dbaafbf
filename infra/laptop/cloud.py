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

from infra.laptop.running import RunningCloud, ServiceUrl
from starlette.types import ASGIApp

from infra.laptop import deploy, template
from infra.laptop.apigateway.access_log import AccessLog, Observe, ServedRequest
from infra.laptop.apigateway.api_key import keys
from infra.laptop.apigateway.gateway import Gateway
from infra.laptop.apigateway.route import LambdaIntegration
from infra.laptop.apigateway.service_listener import ServiceListener
from infra.laptop.awslambda.function import FunctionSpec, functions
from infra.laptop.awslambda.function_log import Listener
from infra.laptop.awslambda.invocation import FunctionResponse, Invocation
from infra.laptop.awslambda.lambda_api import LambdaApi
from infra.laptop.awslambda.runtime import Runtime
from infra.laptop.cloudwatch.alarm import alarm_specs
from infra.laptop.cloudwatch.alarm_evaluator import AlarmEvaluator
from infra.laptop.cloudwatch.log_forwarder import LogForwarder
from infra.laptop.cloudwatch.log_subscription import access_log_group, log_groups, log_subscriptions
from infra.laptop.cloudwatch.metric_publisher import MetricPublisher
from infra.laptop.errors import RequestError, SetupError
from infra.laptop.eventbridge.event_rule import replay_object_events
from infra.laptop.eventbridge.scheduler import Scheduler, scheduled_rules
from infra.laptop.intrinsic import Resolver
from infra.laptop.mail.event_publisher import MailEventPublisher
from infra.laptop.mail.mailbox import Mailbox
from infra.laptop.mail.outbox_page import OutboxPage
from infra.laptop.moto import server as moto_server
from infra.laptop.options import LISTENERS, CloudOptions
from infra.laptop.process import dynamodb_engine
from infra.laptop.process.asgi_server import LOOPBACK, server
from infra.laptop.process.port import claim, free
from infra.laptop.resources.configuration_set import feedback_topic
from infra.laptop.resources.secret import restore_secrets, save_secrets
from infra.laptop.resources.state_machine import restart_executions
from infra.laptop.sdk import Client, Sdk
from infra.laptop.sources.pollers import pollers
from infra.laptop.state import StateDirectory
from infra.laptop.template import Template
from infra.parameter import parameters

TEMPLATE = Path(__file__).parents[2] / "template.yaml"
SUFFIX = "Function"
SENDER = "fraudshield@example.com"  # of mails that never leave this machine

THREADS = 64  # every pump waits in one nearly all the time; asyncio itself would have six on two CPUs

T = TypeVar("T")

logger = logging.getLogger(__name__)


class Cloud:
    """Belongs to one loop. `start` it once, then `stop` it."""

    def __init__(self, wish: CloudOptions, observe: Observe) -> None:
        self._wish = wish
        self._observe = observe
        self._stack = AsyncExitStack()

    async def start(self) -> RunningCloud:
        """Everything is reachable when this returns.

        Raises:
            SetupError: a setting, a port, the template or a program is not as it must be; nothing runs then.
        """
        try:
            return await self._start(time.monotonic())
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """The servers first, so that nobody is cut off; in the end no process and no port of ours is left."""
        await self._stack.aclose()

    async def _start(self, begun: float) -> RunningCloud:
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
            asyncio.to_thread(dynamodb_engine.choose, wish.env, place.home),
            self._enter(moto_server.serve(ports.services, place.logs / "moto.log", place.home, _url(called))),
        )
        endpoint = await self._enter(dynamodb_engine.serve(store, ports.dynamodb, services, place.logs))
        sdk = Sdk(services, endpoint, _url(called))
        client = cache(sdk.client)  # making one takes longer than making a table
        given = {"PublicUrl": _url(gateway), "FromEmail": SENDER} | parameters(wish.env)
        resolver = await asyncio.to_thread(_deploy, expanded, given, client, place)
        specs = _chosen(functions(resolver, sdk.variables()), wish.only)
        feed = MetricPublisher(client("cloudwatch"))
        logs = _log_pump(resolver, specs)
        runtime = Runtime(specs, place.logs, listener=_both(feed.line, logs.line))
        self._stack.push_async_callback(runtime.stop)
        self._pump(resolver, client, runtime, specs)
        self._run(logs.run(runtime.invoke_event))
        self._watch(resolver, client, runtime, specs, feed)
        front = Gateway(resolver, DeployedFunctions(runtime).invoke, chosen, self._observer(logs))
        self._serve(LambdaApi(runtime), called)
        self._serve(front, gateway)
        self._serve(OutboxPage(Mailbox(services)), outbox)
        if topic := feedback_topic(resolver):
            self._run(MailEventPublisher(Mailbox(services).since, client("sns"), topic).run())
        doors = self._open_doors(front, specs)
        self._run(asyncio.to_thread(_go_on, resolver, client, place))
        place.publish(_url(gateway), sdk, _url(outbox))
        return RunningCloud(
            gateway=_url(gateway),
            doors=doors,
            keys=chosen,
            dynamodb_engine=store,
            logs=str(place.logs),
            outbox=_url(outbox),
            start_s=time.monotonic() - begun,
        )

    def _observer(self, logs: LogForwarder) -> Observe:
        log = AccessLog(self._wish.place.logs / "access.log")
        self._stack.callback(log.close)

        def observe(one: ServedRequest) -> None:
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
        for pump in pollers(resolver, client, runtime.invoke, specs.keys(), self._wish.place.positions):
            self._run(pump.run())

    def _watch(
        self,
        resolver: Resolver,
        client: Client,
        runtime: Runtime,
        specs: Mapping[str, FunctionSpec],
        feed: MetricPublisher,
    ) -> None:
        """What happens by the clock."""
        rules = [rule for rule in scheduled_rules(resolver) if rule.function in specs]
        self._run(Scheduler(rules, runtime.invoke_event).run())
        self._run(feed.run())
        self._run(AlarmEvaluator(alarm_specs(resolver), client("cloudwatch"), client("sns")).run())

    def _run(self, pumping: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(pumping)
        task.add_done_callback(_report)
        self._stack.push_async_callback(_cancel, task)

    def _open_doors(self, front: Gateway, specs: Mapping[str, FunctionSpec]) -> list[ServiceUrl]:
        opened = []
        integrations = [route.integration for route in front.routes]
        routed = {one.function: one for one in integrations if isinstance(one, LambdaIntegration)}
        for name in LISTENERS:
            if name in specs and name in routed:
                place = self._claim(self._wish.ports.doors[name])
                self._serve(ServiceListener(front, routed[name], place.getsockname()[1], self._observe), place)
                opened.append(ServiceUrl(_service(name), _url(place)))
        return opened

    def _serve(self, app: ASGIApp, place: socket) -> None:
        serving = server(app)
        task = asyncio.ensure_future(serving.serve(sockets=[place]))

        async def end() -> None:
            serving.should_exit = True
            await task

        self._stack.push_async_callback(end)


class DeployedFunctions:
    """Invokes what runs; what was left out by choice fails as a function that is not deployed."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def invoke(self, function: str, event: bytes, trace: str | None = None) -> Invocation:
        """See `Runtime.invoke`."""
        try:
            return await self._runtime.invoke(function, event, trace)
        except RequestError as exc:
            return Invocation.of(FunctionResponse.failure("ResourceNotFoundException", str(exc)), request_id="")


async def _leave(manager: AbstractContextManager[Any], entering: "asyncio.Future[Any]") -> None:
    await asyncio.wait({entering})
    if entering.exception() is None:
        await asyncio.to_thread(manager.__exit__, None, None, None)


def _deploy(expanded: Template, given: Mapping[str, str], client: Client, place: StateDirectory) -> Resolver:
    """What was kept is there before what is missing is made."""
    restore_secrets(client, place.secrets)
    resolver = deploy.deploy(expanded, given, client)
    save_secrets(resolver, client, place.secrets)
    return resolver


def _go_on(resolver: Resolver, client: Client, place: StateDirectory) -> None:
    """What queues held and what ran when an earlier laptop went away."""
    replay_object_events(resolver, client)
    restart_executions(client, place.executions)


def _log_pump(resolver: Resolver, specs: Mapping[str, FunctionSpec]) -> LogForwarder:
    told = [one for one in log_subscriptions(resolver) if one.function in specs]
    return LogForwarder(told, log_groups(resolver), access_log_group(resolver))


def _both(one: Listener, other: Listener) -> Listener:
    def hear(function: str, line: str) -> None:
        one(function, line)
        other(function, line)

    return hear


def _chosen(specs: Mapping[str, FunctionSpec], only: Sequence[str]) -> dict[str, FunctionSpec]:
    names = {_service(name): name for name in specs}
    unknown = [service for service in only if service not in names]
    if unknown:
        raise SetupError(f"There is no service {', '.join(unknown)}; there are {', '.join(sorted(names))}")
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
