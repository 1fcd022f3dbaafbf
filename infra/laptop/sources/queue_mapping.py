"""The template's event source mappings from queues to functions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.laptop.errors import SetupError
from infra.laptop.intrinsic import Resolver
from infra.laptop.template import refuse_properties

TAKEN = (
    "BatchSize",
    "Enabled",
    "EventSourceArn",
    "FunctionName",
    "FunctionResponseTypes",
    "MaximumBatchingWindowInSeconds",
    "ScalingConfig",
)
LEFT_OUT = ("Tags",)
BATCH = 10  # this and the next as Lambda has them when the template is silent
POLLERS = 5
PARTIAL = "ReportBatchItemFailures"


@dataclass(frozen=True, slots=True)
class QueueMapping:
    """Which queue invokes which function (its logical id), how many messages at once and how many invocations.

    `partial` means that the function says which messages of a batch failed.
    """

    name: str
    queue_arn: str
    queue_url: str
    function: str
    batch_size: int
    window_s: float
    concurrency: int
    partial: bool


def queue_mappings(resolver: Resolver) -> list[QueueMapping]:
    """Every enabled mapping that reads a queue; queues and tables have been made.

    Raises:
        SetupError: a property that is not honoured here, such as a filter, or a source that is neither a queue
            nor a table's stream.
    """
    urls = resolver.queue_urls()
    found = [
        _mapping(resolver, name, resource["Properties"], urls)
        for name, resource in resolver.template["Resources"].items()
        if resource["Type"] == "AWS::Lambda::EventSourceMapping"
    ]
    return [mapping for mapping in found if mapping is not None]


def _mapping(
    resolver: Resolver, name: str, properties: Mapping[str, Any], urls: Mapping[str, str]
) -> QueueMapping | None:
    told = resolver.resolve(properties)
    arn = told["EventSourceArn"]
    if arn in {one for (_, attribute), one in resolver.attributes.items() if attribute == "StreamArn"}:
        return None
    refuse_properties(name, properties, (*TAKEN, *LEFT_OUT))
    if str(told.get("Enabled", True)).lower() == "false":
        return None
    if arn not in urls:
        raise SetupError(
            f"{name} reads from {arn}, which is neither a queue nor a table's stream: the laptop has no poller for it"
        )
    return QueueMapping(
        name=name,
        queue_arn=arn,
        queue_url=urls[arn],
        function=told["FunctionName"],
        batch_size=int(told.get("BatchSize", BATCH)),
        window_s=float(told.get("MaximumBatchingWindowInSeconds", 0)),
        concurrency=int(told.get("ScalingConfig", {}).get("MaximumConcurrency", POLLERS)),
        partial=PARTIAL in told.get("FunctionResponseTypes", []),
    )
