"""Evaluates every alarm over and over, and tells its topics of each change of state."""

import asyncio
import json
import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.laptop.cloudwatch.alarm import ALARM, INSUFFICIENT, OK, AlarmSpec, alarm_state
from infra.laptop.cloudwatch.alarm_journal import AlarmJournal
from infra.laptop.intrinsic import PSEUDO

EVERY_S = 10.0

logger = logging.getLogger(__name__)


def _now() -> datetime:
    return datetime.now(UTC)


class AlarmEvaluator:
    """Evaluates alarms on one event loop. Clients are boto3's; their calls run in threads."""

    def __init__(
        self,
        specs: Sequence[AlarmSpec],
        cloudwatch: Any,
        sns: Any,
        clock: Callable[[], datetime] = _now,
        journal: AlarmJournal | None = None,
    ) -> None:
        self._specs = specs
        self._cloudwatch, self._sns = cloudwatch, sns
        self._clock = clock
        self._journal = journal or AlarmJournal()
        self._states = dict.fromkeys((spec.name for spec in specs), INSUFFICIENT) | self._journal.on
        self._begun = clock()

    async def run(self) -> None:
        """Evaluate until cancelled."""
        while True:
            await asyncio.sleep(EVERY_S)
            await self.evaluate()

    async def evaluate(self) -> None:
        """Evaluate each alarm once."""
        for spec in self._specs:
            try:
                await asyncio.to_thread(self._evaluate, spec)
            except (BotoCoreError, ClientError) as exc:
                logger.warning("The alarm %s cannot be judged: %s", spec.name, exc)

    def _evaluate(self, spec: AlarmSpec) -> None:
        now, before = self._clock(), self._states[spec.name]
        found = self._cloudwatch.get_metric_data(
            MetricDataQueries=spec.queries(), StartTime=spec.since(now), EndTime=now
        )["MetricDataResults"]
        values: dict[datetime, float] = {}
        for one in found:
            for at, value in zip((at.astimezone(UTC) for at in one["Timestamps"]), one["Values"], strict=True):
                values[at] = max(value, values.get(at, value))
        if not values and spec.missing in {"breaching", "missing"} and spec.since(now) < self._begun:
            return  # that there are no data says nothing yet: the laptop was off
        after = alarm_state(spec, values, now, before, self._begun)
        if after == before:
            return
        reason = f"Values of the last {spec.periods} periods of {spec.period_s} s: {sorted(values.values())}"
        self._cloudwatch.set_alarm_state(AlarmName=spec.name, StateValue=after, StateReason=reason)
        for topic in self._topics(spec, before, after):
            self._sns.publish(
                TopicArn=topic,
                Subject=f'{after}: "{spec.name}"',
                Message=json.dumps(_message(spec, before, after, reason, now)),
            )
        self._states[spec.name] = after
        self._journal.note(spec.name, after, told=after != OK and bool(self._topics(spec, before, after)))

    def _topics(self, spec: AlarmSpec, before: str, after: str) -> Sequence[str]:
        """Whom a change is told. The first evaluation of what is well tells nobody anything."""
        if after == OK and before == INSUFFICIENT and spec.name not in self._journal.on:
            return ()
        return {ALARM: spec.alarm_actions, OK: spec.ok_actions, INSUFFICIENT: spec.no_data_actions}[after]


def _message(spec: AlarmSpec, before: str, after: str, reason: str, now: datetime) -> dict[str, Any]:
    """The message to a topic, as CloudWatch words it."""
    return {
        "AlarmName": spec.name,
        "AlarmDescription": spec.description,
        "AWSAccountId": PSEUDO["AWS::AccountId"],
        "NewStateValue": after,
        "OldStateValue": before,
        "NewStateReason": reason,
        "StateChangeTime": now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}+0000",
        "Region": PSEUDO["AWS::Region"],
        "Trigger": {
            **spec.metric,
            "Period": spec.period_s,
            "EvaluationPeriods": spec.periods,
            "ComparisonOperator": spec.comparison,
            "Threshold": spec.threshold,
            "TreatMissingData": spec.missing,
        },
    }
