"""Watches a laptop cloud from outside: a client for each service, its alarms, its mails, its log."""

import json
import threading
import urllib.request
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from tests.faults.harness.client import ANSWER_S, clock
from tests.faults.harness.cloud import Cloud
from tests.faults.truth.expectation import SETTLE_S
from tests.faults.truth.observation import (
    BEFORE,
    Census,
    Observations,
    ObservedAlarm,
    ObservedLine,
    ObservedMail,
    ObservedResponse,
    merged,
)
from tests.faults.truth.request import INGEST, SCORE, ObservedRequest, ids, rounds
from tests.faults.truth.site import Pause

PAUSE_S = 0.5  # of a client between a response and its next request
UNREACHED = {0, 502, 503, 504}  # of a function whose process is not there yet
LOOK_S = 2.0  # between two looks at alarms and mails
PROBLEM = "application/problem+json"
QUIET = "OK"  # of an alarm; one without data is as good
FACTS = (
    *("status", "degraded", "detail", "gateway_status", "system_status"),
    *("persisted", "decision_source", "decision"),
)


@dataclass(slots=True)
class Observer:
    """Collects what the cloud says. `phase` may change at any time; a request belongs to the phase it began in."""

    cloud: Cloud
    key: str
    pause: Pause
    responses: list[ObservedResponse] = field(default_factory=list)
    alarms: list[ObservedAlarm] = field(default_factory=list)
    mails: list[ObservedMail] = field(default_factory=list)
    promised: set[str] = field(default_factory=set)
    ended: Counter[int] = field(default_factory=Counter)  # rounds begun in this phase when all had settled, by client
    phase: str = BEFORE
    since: float = field(default_factory=clock)
    _over: threading.Event = field(default_factory=threading.Event)
    _starting: threading.Lock = field(default_factory=threading.Lock)
    _begin_lines: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def begin(self, phase: str) -> None:
        """A phase begins now."""
        self.ended.clear()
        self.phase, self.since = phase, clock()

    def asked(self, request: ObservedRequest, new_id: str) -> ObservedResponse:
        """Make one request and keep what came back."""
        with self.pause.request():
            phase, began = self.phase, clock()
            status, headers, body = exchanged(self.cloud.gateway, self.key, request, new_id)
        if phase != self.phase:  # it was under way when the phase ended, and may be of either
            phase, began = self.phase, self.since
        told = facts(body) if status else {}
        code = str(body.get("code", "")) if isinstance(body, dict) and status >= 400 else ""
        seen = ObservedResponse(
            request=request.name,
            phase=phase,
            status=status,
            code=code,
            told={} if code else told,
            problem=headers.get("content-type", "").startswith(PROBLEM),
            retry_after="retry-after" in headers,
            first_s=began - self.since,
            last_s=began - self.since,
            slowest_s=clock() - began,
        )
        self.responses.append(seen)
        if (request.name == SCORE and told.get("persisted")) or (request.name == INGEST and status == 202):
            self.promised.add(new_id)
        return seen

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch while the block runs."""
        clients = list(enumerate(rounds()))
        with ThreadPoolExecutor(len(clients) + 1) as pool:
            running = [pool.submit(self._ask, number, requests) for number, requests in clients]
            running.append(pool.submit(self._look))
            try:
                yield
            finally:
                self._over.set()
        for one in running:
            one.result()

    def _ask(self, number: int, requests: Sequence[ObservedRequest]) -> None:
        """A function's first process takes a second of a processor: one client begins after the other."""
        fresh = ids(f"seen{number}")
        with self._starting:
            while self.asked(requests[0], next(fresh)).status in UNREACHED:
                if self._over.wait(LOOK_S):  # a process that starts is not helped by more of them
                    break
        while not self._over.is_set():
            phase, began = self.phase, clock() - self.since
            for request in requests:
                self.asked(request, next(fresh))
                if self._over.wait(PAUSE_S):
                    return
            self.ended[number] += phase == self.phase and began > SETTLE_S

    def _look(self) -> None:
        states: dict[str, str] = {}
        while not self._over.wait(LOOK_S):
            with suppress(BotoCoreError, ClientError):
                self._look_at_alarms(states)
            with suppress(OSError, ValueError):
                self._look_at_mails()

    def _look_at_alarms(self, states: dict[str, str]) -> None:
        for name, state in alarm_states(self.cloud).items():
            if states.get(name, QUIET) != state:
                self.alarms.append(ObservedAlarm(name, state, self.phase, clock() - self.since))
            states[name] = state

    def _look_at_mails(self) -> None:
        with urllib.request.urlopen(f"{self.cloud.address.outbox}/mails.json", timeout=ANSWER_S) as response:
            for mail in json.load(response)[len(self.mails) :]:
                self.mails.append(ObservedMail(mail["subject"], self.phase, clock() - self.since))

    def lines(self, phase: str) -> list[ObservedLine]:
        """What functions have logged at WARNING or above since this was last asked."""
        now = Counter(logged(self.cloud.state.logs))
        new, self._begin_lines = now - self._begin_lines, now
        return [ObservedLine(*said, phase, times) for said, times in sorted(new.items())]

    def seen(self, before: Census) -> Observations:
        """What was seen so far, as if it were all."""
        return Observations(
            responses=merged(tuple(self.responses)),
            alarms=tuple(self.alarms),
            mails=tuple(self.mails),
            lines=(),
            before=before,
            after=before,
            acknowledged=len(self.promised),
            lost=(),
            miscounted=(),
            back_s=0.0,
        )


def exchanged(gateway: str, key: str, request: ObservedRequest, new_id: str) -> tuple[int, Mapping[str, str], Any]:
    """Status, headers in lower case and parsed body of one request; status 0 where there is no response."""
    parts = urlsplit(gateway)
    connection = HTTPConnection(str(parts.hostname), parts.port, timeout=ANSWER_S)
    headers = {"X-API-Key": key, "Content-Type": "application/json", "Connection": "close"}
    try:
        connection.request(request.method, request.path, request.sent(new_id), headers)
        return _read(connection.getresponse())
    except (OSError, HTTPException):
        return 0, {}, None
    finally:
        connection.close()


def _read(response: HTTPResponse) -> tuple[int, Mapping[str, str], Any]:
    headers, body = {name.lower(): value for name, value in response.getheaders()}, response.read()
    parsed = json.loads(body) if "json" in headers.get("content-type", "") else None
    return response.status, headers, parsed


def facts(body: Any) -> dict[str, str]:
    """The key facts of a body, of its first result too; how each service is, by name."""
    if not isinstance(body, dict):
        return {}
    results = body.get("results")
    first = results[0] if isinstance(results, list) and results else {}
    found = {name: word(value) for name, value in ({**body, **first}).items() if name in FACTS and _plain(value)}
    found |= _mails(body.get("history")) | _flags(body.get("total"))
    services = body.get("services")
    named = services if isinstance(services, dict) else {}
    return found | {f"{name} is": one["status"] for name, one in named.items() if isinstance(one, dict)}


def _mails(history: Any) -> dict[str, str]:
    """What has become of mails, and why."""
    mails = history if isinstance(history, list) else []
    said = {"mails": {str(one["status"]) for one in mails}, "reasons": {str(one.get("reason") or "") for one in mails}}
    return {name: ", ".join(sorted(words - {""})) for name, words in said.items()} if mails else {}


def _flags(total: Any) -> dict[str, str]:
    """What was odd about payments, in the report on their quality."""
    flags = total.get("flags") if isinstance(total, dict) else None
    if not isinstance(flags, dict):
        return {}
    return {"flags": ", ".join(sorted(name for name, times in flags.items() if times))}


def _plain(value: Any) -> bool:
    return isinstance(value, (str, bool)) or (isinstance(value, list) and all(isinstance(one, str) for one in value))


def word(value: Any) -> str:
    """A fact as text; a list is its entries."""
    if isinstance(value, list):
        return ", ".join(value)
    return json.dumps(value) if isinstance(value, bool) else str(value)


def alarm_states(cloud: Cloud) -> dict[str, str]:
    """Every alarm's state, by its name without the deployment's."""
    pages = cloud.client("cloudwatch").get_paginator("describe_alarms").paginate()
    found = [alarm for page in pages for alarm in page["MetricAlarms"]]
    states = {one["AlarmName"].rpartition("-")[2]: one["StateValue"] for one in found}
    return {name: QUIET if state == "INSUFFICIENT_DATA" else state for name, state in states.items()}


def logged(folder: Path, levels: Iterable[str] = ("WARNING", "ERROR", "CRITICAL")) -> Iterator[tuple[str, str, str]]:
    """Function, level and message of every such line that is still kept."""
    wanted = frozenset(levels)
    for path in sorted(folder.glob("*Function.log*")):
        for line in path.read_text("utf-8", errors="replace").splitlines():
            with suppress(ValueError, KeyError, TypeError):
                said = json.loads(line)
                if said["level"] in wanted:
                    yield path.name.partition(".")[0], said["level"], str(said["message"])
