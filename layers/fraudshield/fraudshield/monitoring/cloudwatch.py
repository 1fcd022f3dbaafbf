"""The product's own metrics, read from CloudWatch."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.aws import client
from fraudshield.errors import StoreUnavailable
from fraudshield.monitoring.metric import ALL, Metric, Series

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import DimensionTypeDef, MetricDataQueryTypeDef


@dataclass(frozen=True, slots=True)
class CloudWatchMetrics:
    """The metrics of one deployment, in its namespace."""

    namespace: str

    def read(self, metrics: Sequence[Metric], since: datetime, until: datetime, period: timedelta) -> list[Series]:
        """Returns one series for each metric, in order, by one request. Raises StoreUnavailable."""
        queries = [self._query(number, metric, period) for number, metric in enumerate(metrics)]
        try:
            found = client.cloudwatch().get_metric_data(
                MetricDataQueries=queries, StartTime=since, EndTime=until, ScanBy="TimestampAscending"
            )["MetricDataResults"]
        except (BotoCoreError, ClientError) as exc:
            raise StoreUnavailable(f"CloudWatch does not give metrics: {type(exc).__name__}") from exc
        points = {one["Id"]: zip(one["Timestamps"], one["Values"], strict=True) for one in found}
        return [
            Series(metric, tuple((at.astimezone(UTC), value) for at, value in points.get(f"m{number}", ())))
            for number, metric in enumerate(metrics)
        ]

    def _query(self, number: int, metric: Metric, period: timedelta) -> "MetricDataQueryTypeDef":
        dimensions: list[DimensionTypeDef] = [{"Name": name, "Value": value} for name, value in ALL.items()]
        return {
            "Id": f"m{number}",
            "MetricStat": {
                "Metric": {"Namespace": self.namespace, "MetricName": metric.name, "Dimensions": dimensions},
                "Period": int(period.total_seconds()),
                "Stat": metric.statistic,
            },
        }
