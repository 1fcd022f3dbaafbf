"""What carries events to functions: from queues, topics, rules and streams, as the template says."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Protocol

from infra.local.event_rule import rule_mappings
from infra.local.intrinsic import Resolver
from infra.local.queue_mapping import queue_mappings
from infra.local.queue_pump import Invoke, QueuePump
from infra.local.sdk import Client
from infra.local.stream_mapping import stream_mappings
from infra.local.stream_position import Positions
from infra.local.stream_pump import StreamPump
from infra.local.topic import topic_mappings
from infra.local.topic_pump import TopicPump, rule_event, topic_event


class Pump(Protocol):
    """Something that goes on until it is cancelled."""

    async def run(self) -> None:
        """Carry."""
        ...


def pumps(
    resolver: Resolver, client: Client, invoke: Invoke, functions: Collection[str], positions: Path
) -> Iterator[Pump]:
    """One for each event source mapping, subscription and rule of a function that runs.

    Raises:
        ConfigurationError: a mapping asks for what nobody here does.
    """
    for queue in queue_mappings(resolver):
        if queue.function in functions:
            yield QueuePump(queue, client("sqs"), invoke)
    for topic in topic_mappings(resolver):
        if topic.function in functions:
            yield TopicPump(topic, client("sqs"), invoke, topic_event)
    for rule in rule_mappings(resolver):
        if rule.function in functions:
            yield TopicPump(rule, client("sqs"), invoke, rule_event)
    known = Positions(positions)
    for stream in stream_mappings(resolver):
        if stream.function in functions:
            yield StreamPump(stream, client("dynamodbstreams"), client("sqs"), invoke, known)
