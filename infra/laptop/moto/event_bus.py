"""moto's EventBridge, told of what happens in its S3 and Step Functions.

moto tells it some of that itself, in events that all have one id and, of an upload in parts, twice.
"""

import logging
import time
from calendar import timegm
from collections.abc import Mapping
from typing import Any

from moto.events.models import events_backends
from moto.utilities.arns import parse_arn

from infra.laptop.intrinsic import PSEUDO
from infra.laptop.sdk import REGION

logger = logging.getLogger(__name__)


def put_event(event: Mapping[str, Any]) -> None:
    """Send an event to the targets of every rule that it matches.

    What a target does not take is logged and goes to the target's dead letters, if it has some.
    """
    at_s = timegm(time.strptime(event["time"], "%Y-%m-%dT%H:%M:%SZ"))
    backend = events_backends[PSEUDO["AWS::AccountId"]][REGION]
    for bus in list(backend.event_buses.values()):
        for rule in list(bus.rules.values()):
            if rule.state != "ENABLED" or rule.scheduled_expression:  # which has no pattern, and would match all
                continue
            own: Any = {**event, "time": at_s}
            try:
                rule.send_to_targets(own, transform_input=False)
            except Exception as exc:  # whatever a target's backend raises: S3 and Step Functions do not wait for it
                logger.warning("The rule %s was not told of %s: %r", rule.name, event["detail-type"], exc)
                _give_up(rule, {**event, "time": at_s})


def _give_up(rule: Any, event: Mapping[str, Any]) -> None:
    for target in rule.targets:
        if arn := target.get("DeadLetterConfig", {}).get("Arn"):
            try:
                rule._send_to_sqs_queue(parse_arn(arn).resource_id, dict(event))
            except Exception as exc:  # likewise: that queue is gone too
                logger.warning("The rule %s has lost an event: %r", rule.name, exc)
