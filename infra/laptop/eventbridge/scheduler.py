"""EventBridge's schedules: rules of the template that invoke functions by the clock. moto's never fire."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from infra.laptop.awslambda.invocation import Invocation
from infra.laptop.eventbridge.cron import Schedule, schedule
from infra.laptop.intrinsic import PSEUDO, Resolver
from infra.laptop.template import refuse_properties

TAKEN = ("Description", "ScheduleExpression", "State", "Targets")
TARGET = ("Arn", "DeadLetterConfig", "Id", "Input")

InvokeEvent = Callable[[str, bytes], Awaitable[Invocation]]


@dataclass(frozen=True, slots=True)
class ScheduledRule:
    """A rule whose function (its logical id) gets `input`, or EventBridge's own event where that is empty."""

    name: str
    schedule: Schedule
    function: str
    input: str

    def event(self, at: datetime) -> bytes:
        """The event that the function gets."""
        return self.input.encode() if self.input else json.dumps(_scheduled(self.name, at)).encode()


def scheduled_rules(resolver: Resolver) -> list[ScheduledRule]:
    """Every enabled rule with a schedule.

    Raises:
        SetupError: a property or a schedule that nobody handles here.
    """
    return [
        rule
        for name, resource in resolver.template["Resources"].items()
        if resource["Type"] == "AWS::Events::Rule" and "ScheduleExpression" in resource["Properties"]
        for rule in _rules(resolver, name, resource["Properties"])
    ]


def _rules(resolver: Resolver, name: str, properties: Mapping[str, Any]) -> list[ScheduledRule]:
    refuse_properties(name, properties, TAKEN)
    wanted = resolver.resolve(properties)
    if wanted.get("State", "ENABLED") != "ENABLED":
        return []
    when = schedule(wanted["ScheduleExpression"])
    for target in wanted["Targets"]:
        refuse_properties(f"a target of {name}", target, TARGET)
    return [ScheduledRule(name, when, target["Arn"], target.get("Input", "")) for target in wanted["Targets"]]


def _scheduled(name: str, at: datetime) -> dict[str, Any]:
    return {
        "version": "0",
        "id": str(uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": PSEUDO["AWS::AccountId"],
        "time": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": PSEUDO["AWS::Region"],
        "resources": [f"arn:aws:events:{PSEUDO['AWS::Region']}:{PSEUDO['AWS::AccountId']}:rule/{name}"],
        "detail": {},
    }


def _now() -> datetime:
    return datetime.now(UTC)


class Scheduler:
    """Invokes functions by the clock, on one event loop."""

    def __init__(
        self, rules: Sequence[ScheduledRule], invoke: InvokeEvent, clock: Callable[[], datetime] = _now
    ) -> None:
        self._rules = rules
        self._invoke = invoke
        self._clock = clock

    async def run(self) -> None:
        """Invoke what is due, minute by minute, until cancelled; minutes that were slept through are not made up."""
        while True:
            now = self._clock()
            minute = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
            await asyncio.sleep((minute - now).total_seconds())
            await self.tick(minute)

    async def tick(self, minute: datetime) -> None:
        """Invoke all that is due in this minute."""
        for rule in self._rules:
            if rule.schedule.is_due(minute):
                await self._invoke(rule.function, rule.event(minute))
