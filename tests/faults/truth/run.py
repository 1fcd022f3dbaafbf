"""A scenario from start to end: before, during, after the fault; and what was seen of it."""

import json
import re
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from botocore.exceptions import BotoCoreError, ClientError

from tests.faults.harness.cloud import END_S, Cloud, until
from tests.faults.harness.reckoning import miscounted
from tests.faults.truth.expectation import NO_MORE, told
from tests.faults.truth.observation import AFTER, BEFORE, CAUGHT_UP, DURING, Census, Observations, ObservedLine, merged
from tests.faults.truth.observer import Observer, exchanged
from tests.faults.truth.request import EVERYTHING, HONEST, SCORE, ObservedRequest, payment, rounds
from tests.faults.truth.scenario import Scenario
from tests.faults.truth.site import Site, command

BACK_S = 60.0  # from the end of the fault; nobody waits for more
WARM_S = 240.0  # for everything to answer for the first time, on a loaded machine
EMPTY = Observations((), (), (), (), Census({}, {}), Census({}, {}), 0, (), (), None)
LOOK_S = 0.5  # between two looks at whether it is so
WORKER = re.compile(r"bootstrap\.py \S+ (\S+)")
ADMIN = "ADMIN_API_KEY"
PREFIX = "/api/v1/notifications"
SUBSCRIBER = json.dumps({"notification_type": "system_alerts", "contact": {"name": "Ops", "email": "ops@example.org"}})


@dataclass(slots=True)
class Run:
    """One scenario's."""

    scenario: Scenario
    site: Site

    def observed(self) -> Observations:
        """Everything that was seen."""
        cloud = self.site.cloud
        observer = Observer(cloud, key(cloud), self.site.pause)
        lines: list[ObservedLine] = []
        prepare(observer)
        with observer.watching():
            self._warm(observer)
            before = census(self.site)
            observer.lines(BEFORE)
            with self.scenario.plant(self.site):
                observer.begin(DURING)
                self._lasts(observer)
                lines += observer.lines(DURING)
                observer.begin(AFTER)
            back_s = self._back(observer)
            self._await(observer, before)
        lines += observer.lines(AFTER)
        lost, counters = at_rest(cloud, observer.promised)
        seen = replace(observer.seen(before), lines=tuple(lines), after=settled(self.site, before))
        responses = merged([*seen.responses, *self.site.asides])
        return replace(seen, responses=responses, lost=lost, miscounted=counters, back_s=back_s)

    def _warm(self, observer: Observer) -> None:
        """Until everything is well, which is what the fault is to be compared with."""
        try:
            until(lambda: not ailing(observer), WARM_S, LOOK_S)
        except AssertionError:
            raise AssertionError(f"without any fault: {ailing(observer)}") from None

    def _await(self, observer: Observer, before: Census) -> None:
        """Watch on until alarms and mails have come that may come late."""
        late = [row for row in self.scenario.expectations if row.awaited]
        with suppress(AssertionError):
            until(lambda: not any(row.check(observer.seen(before)) for row in late), BACK_S, LOOK_S)

    def _lasts(self, observer: Observer) -> None:
        """For its time, and until every client has been through its requests when what is said has settled."""
        clients, ends = len(list(rounds())), time.monotonic() + self.scenario.lasts_s

        def over() -> bool:
            every = len(observer.ended) == clients and min(observer.ended.values()) >= 1
            return time.monotonic() > ends and every

        with suppress(AssertionError):  # what was never answered shows in the table's rows
            until(over, self.scenario.lasts_s + 4 * BACK_S, LOOK_S)

    def _back(self, observer: Observer) -> float | None:
        """The seconds until everything was as before; None where that did not come."""
        began = time.monotonic()
        with suppress(AssertionError):
            until(lambda: not ailing(observer), BACK_S, LOOK_S)
            observer.phase = CAUGHT_UP
            return time.monotonic() - began
        return None


def key(cloud: Cloud) -> str:
    """The one that may do everything."""
    return str(json.loads(cloud.state.keys.read_text())[ADMIN])


def prepare(observer: Observer) -> None:
    """Store the payment that is read all the time; have somebody who is told of the system."""
    honest = ObservedRequest(SCORE, lambda _: {"transactions": [payment(HONEST)]})
    until(lambda: observer.asked(honest, HONEST).told.get("persisted") == "true", WARM_S, LOOK_S)
    subscribe = ObservedRequest(f"POST {PREFIX}/subscribers", lambda _: json.loads(SUBSCRIBER))
    until(lambda: exchanged(observer.cloud.gateway, observer.key, subscribe, "")[0] == 200, WARM_S, LOOK_S)
    until(lambda: confirmed(observer), WARM_S, LOOK_S)


def confirmed(observer: Observer) -> bool:
    """Follow the link in the first mail, as its reader does."""
    with urlopen(f"{observer.cloud.address.outbox}/mails.json", timeout=END_S) as response:
        mails = json.load(response)
    if not mails:
        return False
    link = next(word for word in mails[0]["text"].split() if f"{PREFIX}/confirm?token=" in word)
    with urlopen(Request(link, b""), timeout=END_S) as response:
        return b"Thank you" in response.read()


def ailing(observer: Observer) -> list[str]:
    """Requests without a response in this phase, or whose last one is not as it is on a good day."""
    last = {one.request: one for one in tuple(observer.responses) if one.phase == observer.phase}
    silent = [f"{name}: no response" for name in EVERYTHING if name not in last]
    return silent + [told(one) for one in last.values() if not well(one.status, one.told)]


def well(status: int, facts: Mapping[str, str]) -> bool:
    """Whether a response says that nothing is wrong. The overview may still tell of the alarm that was."""
    states = {text for name, text in facts.items() if name.endswith(" is")} if "gateway_status" in facts else set()
    bad = {facts.get("status"), *states} & {"degraded", "unhealthy"}
    return 200 <= status < 300 and not bad and facts.get("persisted", "true") == "true" and not facts.get("degraded")


def at_rest(cloud: Cloud, promised: set[str]) -> tuple[list[str], list[str]]:
    """What was promised and is not stored, and counters that are wrong, once nothing changes or time is up."""
    found: list[list[str]] = [[], []]

    def whole() -> bool:
        try:
            found[0] = sorted(f"{one} is not stored" for one in promised - decided(cloud))
            found[1] = miscounted(items(cloud, "TransactionsTable"), items(cloud, "AggregatesTable"))
        except (BotoCoreError, ClientError) as exc:
            found[1] = [f"the store cannot be read: {exc}"]
        return not any(found)

    with suppress(AssertionError):
        until(whole, BACK_S, LOOK_S)
    return found[0], found[1]


def decided(cloud: Cloud) -> set[str]:
    """The ids of payments that are stored with a decision."""
    records = items(cloud, "TransactionsTable")
    return {one["transaction_id"]["S"] for one in records if one["record"]["S"] == "transaction" and "outcome" in one}


def items(cloud: Cloud, table: str) -> list[Mapping[str, Any]]:
    """Everything in a table."""
    pages = cloud.client("dynamodb").get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return [item for page in pages for item in page["Items"]]


def settled(site: Site, before: Census) -> Census:
    """The census once nothing is left over, or after a while."""
    now = [census(site)]

    def over() -> bool:
        now[0] = census(site)
        return not NO_MORE.check(replace(EMPTY, before=before, after=now[0]))

    with suppress(AssertionError):
        until(over, END_S / 6, LOOK_S)
    return now[0]


def census(site: Site) -> Census:
    """Processes by what they run; descriptors of those that are no function's."""
    commands = {pid: command(pid) for pid in site.cloud.pids}
    names = {pid: _name(text) for pid, text in commands.items() if text}
    steady = [pid for pid, text in commands.items() if text and not WORKER.search(text)]
    open_ = {names[pid]: _descriptors(pid) for pid in steady}
    return Census(dict(sorted(Counter(names.values()).items())), open_)


def _name(text: str) -> str:
    found = WORKER.search(text)
    return found[1] if found else " ".join(part.rpartition("/")[2] for part in text.split()[:3])


def _descriptors(pid: int) -> int:
    try:
        return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return 0
