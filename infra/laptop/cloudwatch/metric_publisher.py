"""Metrics on their way to CloudWatch: what functions write as EMF lines, and what API Gateway counts by itself.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import asyncio
import json
import logging
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

FLUSH_S = 2.0
AT_ONCE = 500  # PutMetricData takes 1,000 metrics
VALUES = 150  # ... with so many different values each
MARK = '"_aws"'

Name = tuple[str, str, tuple[tuple[str, str], ...]]

logger = logging.getLogger(__name__)


class MetricPublisher:
    """Counts and publishes metrics, on one event loop. `cloudwatch` is a boto3 client; its calls run in threads."""

    def __init__(self, cloudwatch: Any) -> None:
        self._cloudwatch = cloudwatch
        self._counted: dict[Name, Counter[float]] = defaultdict(Counter)

    def line(self, _: str, text: str) -> None:
        """Count what a line of a function says, where it is EMF."""
        if MARK in text:
            for name, value in emf(text):
                self._counted[name][value] += 1

    def count(self, namespace: str, metric: str, value: float, dimensions: Mapping[str, str]) -> None:
        """Count one value of a metric that no function writes."""
        self._counted[namespace, metric, tuple(sorted(dimensions.items()))][value] += 1

    async def run(self) -> None:
        """Publish until cancelled."""
        while True:
            await asyncio.sleep(FLUSH_S)
            await self.flush()

    async def flush(self) -> None:
        """Publish all that was counted. What CloudWatch does not take is lost, and logged."""
        counted, self._counted = self._counted, defaultdict(Counter)
        data = list(_data(counted))
        for begin in range(0, len(data), AT_ONCE):
            by_namespace: dict[str, list[Any]] = defaultdict(list)
            for namespace, datum in data[begin : begin + AT_ONCE]:
                by_namespace[namespace].append(datum)
            for namespace, part in by_namespace.items():
                try:
                    await asyncio.to_thread(self._cloudwatch.put_metric_data, Namespace=namespace, MetricData=part)
                except (BotoCoreError, ClientError) as exc:
                    logger.warning("Metrics are lost: %s", exc)


def emf(text: str) -> Iterator[tuple[Name, float]]:
    """Every value of every metric in a line, once for each of its dimension sets; nothing where it is no EMF."""
    try:
        body = json.loads(text)
        for directive in body["_aws"]["CloudWatchMetrics"]:
            for names in directive["Dimensions"]:
                dimensions = tuple(sorted((name, str(body[name])) for name in names))
                for metric in directive["Metrics"]:
                    values = body[metric["Name"]]
                    for value in values if isinstance(values, list) else [values]:
                        yield (directive["Namespace"], metric["Name"], dimensions), float(value)
    except (ValueError, KeyError, TypeError):
        return


def _data(counted: Mapping[Name, Counter[float]]) -> Iterator[tuple[str, dict[str, Any]]]:
    now = datetime.now(UTC)
    for (namespace, metric, dimensions), values in counted.items():
        pairs = list(values.items())
        for begin in range(0, len(pairs), VALUES):
            part = pairs[begin : begin + VALUES]
            yield (
                namespace,
                {
                    "MetricName": metric,
                    "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions],
                    "Timestamp": now,
                    "Values": [value for value, _ in part],
                    "Counts": [count for _, count in part],
                },
            )
