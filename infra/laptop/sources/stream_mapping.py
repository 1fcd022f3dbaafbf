"""The template's event source mappings from table streams to functions."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.laptop.errors import SetupError
from infra.laptop.eventbridge.event_pattern import EventPattern
from infra.laptop.intrinsic import Resolver
from infra.laptop.sources.queue_mapping import PARTIAL
from infra.laptop.template import of_type, refuse_properties

TAKEN = (
    "BatchSize",
    "BisectBatchOnFunctionError",
    "DestinationConfig",
    "Enabled",
    "EventSourceArn",
    "FilterCriteria",
    "FunctionName",
    "FunctionResponseTypes",
    "MaximumBatchingWindowInSeconds",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "ParallelizationFactor",
    "StartingPosition",
    "TumblingWindowInSeconds",
)
LEFT_OUT = ("Tags",)
BATCH = 100  # as Lambda has it when the template is silent
FOR_EVER = -1  # Lambda's own sign for retries and ages without end
POSITIONS = ("TRIM_HORIZON", "LATEST")


@dataclass(frozen=True, slots=True)
class StreamMapping:
    """Which stream invokes which function (its logical id), how many records at once, and what becomes of failures.

    `patterns` are alternatives, none of them lets everything through. `retries` and `max_age_s` are None where there
    is no limit. `window_s` gathers a batch; `tumbling_s` is the length of the windows that state is kept over, or 0.
    """

    name: str
    stream_arn: str
    function: str
    start: str
    batch_size: int = BATCH
    window_s: float = 0.0
    tumbling_s: int = 0
    bisect: bool = False
    partial: bool = False
    retries: int | None = None
    max_age_s: float | None = None
    failures_url: str | None = None
    patterns: tuple[EventPattern, ...] = ()

    def wants(self, record: Mapping[str, Any]) -> bool:
        """Whether the function is to see a record."""
        return not self.patterns or any(pattern.matches(record) for pattern in self.patterns)


def stream_mappings(resolver: Resolver) -> list[StreamMapping]:
    """Every enabled mapping that reads a table's stream; the tables have been made.

    Raises:
        SetupError: a property that is not honoured here.
    """
    streams = {arn for (_, attribute), arn in resolver.attributes.items() if attribute == "StreamArn"}
    found = []
    for name, properties in of_type(resolver.template, "AWS::Lambda::EventSourceMapping"):
        told = resolver.resolve(properties)
        if told["EventSourceArn"] in streams and _true(told, "Enabled"):
            found.append(_mapping(resolver, name, told))
    return found


def _mapping(resolver: Resolver, name: str, told: Mapping[str, Any]) -> StreamMapping:
    refuse_properties(name, told, (*TAKEN, *LEFT_OUT))
    if int(told.get("ParallelizationFactor", 1)) != 1:
        raise SetupError(f"{name} reads a shard in parallel; the laptop reads each in order")
    if told.get("StartingPosition") not in POSITIONS:
        raise SetupError(f"{name} must start at {' or '.join(POSITIONS)}, not {told.get('StartingPosition')}")
    return StreamMapping(
        name=name,
        stream_arn=told["EventSourceArn"],
        function=told["FunctionName"],
        start=told["StartingPosition"],
        batch_size=int(told.get("BatchSize", BATCH)),
        window_s=float(told.get("MaximumBatchingWindowInSeconds", 0)),
        tumbling_s=int(told.get("TumblingWindowInSeconds", 0)),
        bisect=_true(told, "BisectBatchOnFunctionError", default=False),
        partial=PARTIAL in told.get("FunctionResponseTypes", []),
        retries=_limited(told.get("MaximumRetryAttempts", FOR_EVER)),
        max_age_s=_limited(told.get("MaximumRecordAgeInSeconds", FOR_EVER)),
        failures_url=_failures_url(resolver, name, told.get("DestinationConfig", {})),
        patterns=tuple(_patterns(name, told.get("FilterCriteria", {}))),
    )


def _patterns(name: str, criteria: Mapping[str, Any]) -> list[EventPattern]:
    refuse_properties(name, criteria, ("Filters",))
    return [EventPattern.read(name, json.loads(one["Pattern"])) for one in criteria.get("Filters", [])]


def _failures_url(resolver: Resolver, name: str, destinations: Mapping[str, Any]) -> str | None:
    refuse_properties(name, destinations, ("OnFailure",))
    if "OnFailure" not in destinations:
        return None
    refuse_properties(name, destinations["OnFailure"], ("Destination",))
    arn = destinations["OnFailure"]["Destination"]
    urls = resolver.queue_urls()
    if arn not in urls:
        raise SetupError(f"{name} sends failures to {arn}, which is no queue: the laptop knows no other destination")
    return urls[arn]


def _limited(number: Any) -> int | None:
    return None if int(number) == FOR_EVER else int(number)


def _true(told: Mapping[str, Any], name: str, *, default: bool = True) -> bool:
    return str(told.get(name, default)).lower() == "true"
