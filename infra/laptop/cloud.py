"""The laptop cloud, put together: engine, services, functions, pollers and the gateway, from start to stop."""

import asyncio
import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from functools import cache
from socket import socket

from infra.laptop import deploy, template
from infra.laptop.apigateway.access_log import AccessLog, Observe, ServedRequest
from infra.laptop.apigateway.api_key import keys
from infra.laptop.apigateway.gateway import Gateway
from infra.laptop.apigateway.route import LambdaIntegration
from infra.laptop.apigateway.service_listener import ServiceListener
from infra.laptop.awslambda.failure_queue import FailureQueues, failure_queues
from infra.laptop.awslambda.function import FunctionSpec, environment, functions
from infra.laptop.awslambda.function_log import Listener
from infra.laptop.awslambda.invocation import FunctionResponse, Invocation
from infra.laptop.awslambda.lambda_api import LambdaApi
from infra.laptop.awslambda.runtime import Runtime
from infra.laptop.cloudwatch.alarm import alarm_specs
from infra.laptop.cloudwatch.alarm_evaluator import AlarmEvaluator
from infra.laptop.cloudwatch.alarm_journal import AlarmJournal
from infra.laptop.cloudwatch.log_forwarder import LogForwarder
from infra.laptop.cloudwatch.log_subscription import access_log_group, log_groups, log_subscriptions
from infra.laptop.cloudwatch.metric_publisher import MetricPublisher
from infra.laptop.errors import RequestError, SetupError
from infra.laptop.eventbridge.event_rule import replay_object_events
from infra.laptop.eventbridge.scheduler import Scheduler, scheduled_rules
from infra.laptop.intrinsic import Resolver
from infra.laptop.lifecycle import Lifecycle
from infra.laptop.mail.event_publisher import MailEventPublisher
from infra.laptop.mail.mailbox import Mailbox
from infra.laptop.mail.outbox_page import OutboxPage
from infra.laptop.moto import server as moto_server
from infra.laptop.options import CloudOptions
from infra.laptop.process import dynamodb_engine, dynoxide
from infra.laptop.process.asgi_server import LOOPBACK, for_loopback_names
from infra.laptop.process.dynamodb_engine import Engine
from infra.laptop.process.port import free
from infra.laptop.process.sqlite_file import Vacuum
from infra.laptop.resources.configuration_set import feedback_topic, verify_sender
from infra.laptop.resources.secret import restore_secrets, save_secrets
from infra.laptop.resources.state_machine import restart_executions
from infra.laptop.running import RunningCloud, ServiceUrl
from infra.laptop.sdk import Client, Sdk
from infra.laptop.sources.pollers import pollers
from infra.laptop.sources.topic_poller import AsyncRetries
from infra.laptop.state import CloudAddress, StateDirectory
from infra.laptop.template import Template
from infra.laptop.upgrading import upgrade_tables

SUFFIX = "Function"

THREADS = 64  # every poller waits in one nearly all the time; asyncio itself would have six on two CPUs


class Cloud:
    """One laptop cloud. It belongs to one event loop: `start` it once, then `stop` it."""

    def __init__(self, options: CloudOptions, observe: Observe) -> None:
        self._options = options
        self._application, self._state = options.application, options.state
        self._observe = observe
        self._lifecycle = Lifecycle()

    async def start(self) -> RunningCloud:
        """Start everything; all of it is reachable when this returns.

        Raises:
            SetupError: a setting, a port, the template or a program is not as it must be; nothing runs then.
        """
        try:
            return await self._start(time.monotonic())
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """End the servers first, so that nobody is cut off; in the end no process and no port of ours is left."""
        await self._lifecycle.close()

    async def _start(self, begun: float) -> RunningCloud:
        options, application, state, life = self._options, self._application, self._state, self._lifecycle
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS, thread_name_prefix="cloud"))
        life.enter(state.held(application.name, application.stop_advice))
        chosen = keys(application.key_parameters, application.second_key_parameters, options.settings, state.keys)
        gateway, called = life.claim(options.ports.gateway), life.claim(options.ports.functions)
        outbox, page = life.claim(options.ports.outbox), life.claim(options.ports.page)
        port, dynamodb = free(options.ports.services), free(options.ports.dynamodb)
        services = f"http://{LOOPBACK}:{port}"
        expanded, engine, _ = await asyncio.gather(
            asyncio.to_thread(template.expand, application.template),
            asyncio.to_thread(dynamodb_engine.choose, options.settings, state.home),
            life.enter_in_thread(moto_server.serve(port, state.logs / "moto.log", state.home, _url(called))),
        )
        endpoint = await life.enter_in_thread(dynamodb_engine.serve(engine, dynamodb, services, state.logs))
        if isinstance(engine, dynamodb_engine.DynoxideEngine):
            life.keep_running(Vacuum(engine.database, dynoxide.tidy).run)
        sdk = Sdk(services, endpoint, _url(called))
        client = cache(sdk.client)  # making one takes longer than making a table
        resolver = await asyncio.to_thread(self._deploy, expanded, _url(gateway), client, engine)
        specs = _chosen(functions(resolver, sdk.variables(), application.python_path), options.only)
        runtime, logs = self._run_functions(resolver, client, specs)
        api = Gateway(resolver, DeployedFunctions(runtime).invoke, chosen, self._observer(logs))
        life.serve(LambdaApi(runtime), called)
        life.serve(for_loopback_names(api), gateway)
        life.serve(for_loopback_names(api), page)
        self._open_outbox(resolver, client, services, outbox)
        listeners = self._open_listeners(api, specs)
        life.run(asyncio.to_thread(_resume, resolver, client, state))
        environments = {name: environment(resolver, name) for name in specs}
        state.publish(CloudAddress(os.getpid(), _url(gateway), sdk, _url(outbox), _url(page), environments))
        return RunningCloud(
            gateway=_url(gateway),
            page=_url(page),
            listeners=listeners,
            keys=chosen,
            engine=engine,
            logs=str(state.logs),
            outbox=_url(outbox),
            start_s=time.monotonic() - begun,
        )

    def _deploy(self, expanded: Template, gateway: str, client: Client, engine: Engine) -> Resolver:
        """Make the template's resources; what was saved is restored first, and tables of before are upgraded."""
        given = {self._application.url_parameter: gateway, **self._options.parameters}
        upgrade_tables(expanded, given, client("dynamodb"), engine)
        restore_secrets(client, self._state.secrets)
        resolver = deploy.deploy(expanded, given, client)
        if self._options.sender:
            verify_sender(client, self._options.sender)
        save_secrets(resolver, client, self._state.secrets)
        return resolver

    def _run_functions(
        self, resolver: Resolver, client: Client, specs: Mapping[str, FunctionSpec]
    ) -> tuple[Runtime, LogForwarder]:
        """Run the functions, and whatever invokes them but HTTP: queues, streams, topics, rules, logs and the clock."""
        life = self._lifecycle
        metrics = MetricPublisher(client("cloudwatch"))
        subscribed = [one for one in log_subscriptions(resolver) if one.function in specs]
        logs = LogForwarder(subscribed, log_groups(resolver), access_log_group(resolver))
        failures, waits_s = FailureQueues(failure_queues(resolver), client("sqs")), self._options.retry_waits_s
        listener = _both(metrics.line, logs.line)
        runtime = Runtime(specs, self._state.logs, listener, failures.take, retry_waits_s=waits_s)
        life.at_close(runtime.stop)
        retries = AsyncRetries(waits_s, failures.take)
        for poller in pollers(resolver, client, runtime.invoke, specs.keys(), self._state.checkpoints, retries):
            life.keep_running(poller.run)
        life.keep_running(lambda: logs.run(runtime.invoke_event))
        rules = [rule for rule in scheduled_rules(resolver) if rule.function in specs]
        life.keep_running(Scheduler(rules, runtime.invoke_event).run)
        life.keep_running(metrics.run)
        journal = AlarmJournal(self._state.alarms)
        life.keep_running(
            AlarmEvaluator(alarm_specs(resolver), client("cloudwatch"), client("sns"), journal=journal).run
        )
        return runtime, logs

    def _observer(self, logs: LogForwarder) -> Observe:
        log = AccessLog(self._state.logs / "access.log")
        self._lifecycle.enter(closing(log))

        def observe(served: ServedRequest) -> None:
            log.write(served)
            logs.request(served.line)
            with suppress(OSError):  # a terminal that is gone, a file that is full: no reason to refuse a request
                self._observe(served)

        return observe

    def _open_outbox(self, resolver: Resolver, client: Client, services: str, listening: socket) -> None:
        mailbox = Mailbox(services, self._application.mail_id_header)
        self._lifecycle.serve(OutboxPage(mailbox, self._application.name), listening)
        if topic := feedback_topic(resolver):
            self._lifecycle.keep_running(MailEventPublisher(mailbox.since, client("sns"), topic).run)

    def _open_listeners(self, api: Gateway, specs: Mapping[str, FunctionSpec]) -> list[ServiceUrl]:
        opened = []
        integrations = [route.integration for route in api.routes]
        routed = {one.function: one for one in integrations if isinstance(one, LambdaIntegration)}
        for name, port in self._options.ports.listeners.items():
            if name in specs and name in routed:
                listening = self._lifecycle.claim(port)
                key = api.keys.of(self._application.listener_key)
                app = ServiceListener(api, routed[name], key, listening.getsockname()[1], self._observe)
                self._lifecycle.serve(app, listening)
                opened.append(ServiceUrl(_service(name), _url(listening)))
        return opened


class DeployedFunctions:
    """Invokes what runs; what was left out by choice fails as a function that is not deployed."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def invoke(self, function: str, event: bytes, trace: str | None = None) -> Invocation:
        """Run a function and wait for its response, as `Runtime.invoke` does."""
        try:
            return await self._runtime.invoke(function, event, trace)
        except RequestError as exc:
            return Invocation.of(FunctionResponse.failure("ResourceNotFoundException", str(exc)), request_id="")


def _resume(resolver: Resolver, client: Client, state: StateDirectory) -> None:
    """Take up what queues held and what ran when an earlier laptop cloud went away."""
    replay_object_events(resolver, client)
    restart_executions(client, state.executions)


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


def _url(listening: socket) -> str:
    return f"http://{LOOPBACK}:{listening.getsockname()[1]}"
