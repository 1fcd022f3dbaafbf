"""The pollers that the template asks for: from queues, topics, rules and streams to functions."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Protocol

from infra.laptop.eventbridge.event_rule import rule_mappings
from infra.laptop.intrinsic import Resolver
from infra.laptop.resources.topic import topic_mappings
from infra.laptop.sdk import Client
from infra.laptop.sources.checkpoint import Checkpoints
from infra.laptop.sources.queue_mapping import queue_mappings
from infra.laptop.sources.queue_poller import Invoke, QueuePoller
from infra.laptop.sources.stream_mapping import stream_mappings
from infra.laptop.sources.stream_poller import StreamPoller
from infra.laptop.sources.topic_poller import AS_LAMBDA, AsyncRetries, TopicPoller, rule_event, topic_event


class Poller(Protocol):
    """Carries events from one source to one function, until it is cancelled."""

    async def run(self) -> None:
        """Poll until cancelled."""
        ...


def pollers(
    resolver: Resolver,
    client: Client,
    invoke: Invoke,
    functions: Collection[str],
    positions: Path,
    retries: AsyncRetries = AS_LAMBDA,
) -> Iterator[Poller]:
    """One poller for each event source mapping, subscription and rule of a function that runs.

    Raises:
        SetupError: a mapping asks for what nobody here does.
    """
    for queue in queue_mappings(resolver):
        if queue.function in functions:
            yield QueuePoller(queue, client("sqs"), invoke)
    for topic in topic_mappings(resolver):
        if topic.function in functions:
            yield TopicPoller(topic, client("sqs"), invoke, topic_event, retries)
    for rule in rule_mappings(resolver):
        if rule.function in functions:
            yield TopicPoller(rule, client("sqs"), invoke, rule_event, retries)
    known = Checkpoints(positions)
    for stream in stream_mappings(resolver):
        if stream.function in functions:
            yield StreamPoller(stream, client("dynamodbstreams"), client("sqs"), invoke, known)
