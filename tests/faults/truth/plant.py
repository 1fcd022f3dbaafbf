"""Faults of what the product stands on: each is there while the block runs, and gone after it."""

import json
import os
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import chain

from fraudshield.monitoring.lambda_health import HEALTH_EVENT
from infra.cli.application import LISTENERS, SENDER
from tests.faults.cloud.test_full_disk import fill
from tests.faults.harness.cloud import END_S, until
from tests.faults.harness.proxy import Mode
from tests.faults.truth.observer import exchanged
from tests.faults.truth.request import ObservedRequest
from tests.faults.truth.sender import key, repeatedly
from tests.faults.truth.site import Site, mounted, unmount

DEATHS_S = 4.0  # between two kills of the engine
KEPT = ("VisibilityTimeout", "RedrivePolicy", "MessageRetentionPeriod")  # of a queue that is made again
# Handlers, or folders of them, and the functions of those that listen.
READERS = {"functions.model": ["ModelFunction"], "functions.ingest": ["IngestFunction"]}  # of the model
SIGNERS = {  # by the secret
    "functions.database": ["DatabaseFunction"],
    "functions.batch.app": ["BatchFunction"],
    "functions.notification": ["NotificationFunction"],
}


@contextmanager
def cold_start(site: Site) -> Iterator[None]:
    """Every function's processes are gone; the health check runs before anything else does."""
    with site.replaced("functions."):
        invoke(site, "MonitoringScheduleFunction", json.dumps({"check": "health"}))
        start(site, LISTENERS)
    yield


def deployed(site: Site, parts: Mapping[str, Sequence[str]]) -> None:
    """The processes of these handlers are new; those of the functions that listen begin one after the other."""
    with site.replaced(*parts):
        start(site, chain.from_iterable(parts.values()))


def start(site: Site, functions: Iterable[str]) -> None:
    """One after the other, so that no machine is too slow for all at once."""
    for function in functions:
        until(lambda name=function: answers(site, name), END_S)  # type: ignore[misc]


def invoke(site: Site, function: str, event: str) -> bytes:
    """The function's response to an event."""
    invoked = site.cloud.client("lambda").invoke(FunctionName=function, Payload=event.encode())
    return bytes(invoked["Payload"].read())


def answers(site: Site, function: str) -> bool:
    """Whether it says how it is."""
    return "statusCode" in json.loads(invoke(site, function, HEALTH_EVENT))


@contextmanager
def frozen(site: Site) -> Iterator[None]:
    """The store's process stands still: connections are made, and nothing comes back."""
    for pid in site.engine():
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in site.engine():
            os.kill(pid, signal.SIGCONT)


def _proxy(mode: Mode) -> Callable[[Site], Iterator[None]]:
    def plant(site: Site) -> Iterator[None]:
        assert site.proxy
        site.proxy.become(mode)
        try:
            yield
        finally:
            site.proxy.become(Mode.PASS)

    return plant


gone = contextmanager(_proxy(Mode.REFUSE))
slow = contextmanager(_proxy(Mode.SLOW))


@contextmanager
def engine_killed(site: Site) -> Iterator[None]:
    """The store's process is killed, and again as soon as it is back."""

    def kill() -> None:
        for pid in site.engine():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    with repeatedly(kill, DEATHS_S):
        yield


@contextmanager
def queues_gone(site: Site) -> Iterator[None]:
    """The queues of what was taken in and of what could not be stored are deleted; later they are made again."""
    sqs, names = site.cloud.client("sqs"), ("IngestQueue", "UnpersistedQueue")
    urls = {name: sqs.get_queue_url(QueueName=name)["QueueUrl"] for name in names}
    kept = {name: _attributes(site, url) for name, url in urls.items()}
    until(lambda: all(_empty(site, url) for url in urls.values()), END_S)
    for url in urls.values():
        sqs.delete_queue(QueueUrl=url)
    try:
        yield
    finally:
        for name, told in kept.items():
            sqs.create_queue(QueueName=name, Attributes={one: told[one] for one in KEPT if one in told})


def _attributes(site: Site, url: str) -> dict[str, str]:
    told = site.cloud.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    return dict(told["Attributes"])


def _empty(site: Site, url: str) -> bool:
    told = _attributes(site, url)
    return {told["ApproximateNumberOfMessages"], told["ApproximateNumberOfMessagesNotVisible"]} == {"0"}


@contextmanager
def model_refused(site: Site) -> Iterator[None]:
    """The model's file is cut in half; processes that begin then refuse it, and those after the repair take it."""
    assert site.copy
    path = site.copy / "model/artifact/model/model.json"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    deployed(site, READERS)
    try:
        yield
    finally:
        path.write_bytes(whole)
        deployed(site, READERS)


@contextmanager
def secret_gone(site: Site) -> Iterator[None]:
    """The secret is deleted, with the time that Secrets Manager gives to think better of it; then restored."""
    manager = site.cloud.client("secretsmanager")
    [secret] = manager.list_secrets()["SecretList"]
    manager.delete_secret(SecretId=secret["ARN"])
    deployed(site, SIGNERS)
    try:
        yield
    finally:
        manager.restore_secret(SecretId=secret["ARN"])


@contextmanager
def mails_refused(site: Site) -> Iterator[None]:
    """The sender's address is not verified any more, as in a new account's sandbox; meanwhile people subscribe."""
    ses = site.cloud.client("ses")
    ses.delete_identity(Identity=SENDER)
    try:
        for number in range(3):  # each waits for a mail that asks whether it was meant
            subscribe(site, f"new-{number}@example.org")
        yield
    finally:
        ses.verify_email_identity(EmailAddress=SENDER)


@contextmanager
def disk_full(site: Site) -> Iterator[None]:
    """Not a byte is free on the disk where the cloud keeps everything."""
    filling = site.home.with_name("filling")
    fill(filling)
    try:
        yield
    finally:
        filling.unlink()


@contextmanager
def read_only(site: Site) -> Iterator[None]:
    """The folder is mounted over itself, read-only: root too may open nothing there for writing any more."""
    mounted("--bind", str(site.home), str(site.home))
    try:
        mounted("-o", "remount,ro,bind", str(site.home))
        yield
    finally:
        unmount(site.home)


def subscribe(site: Site, email: str) -> None:
    """Somebody wants to hear of the system."""
    wanted = {"notification_type": "system_alerts", "contact": {"name": "New", "email": email}}
    request = ObservedRequest("POST /api/v1/notifications/subscribers", lambda _: wanted)
    assert exchanged(site.cloud.gateway, key(site), request, "")[0] == 200
