"""Tells of stored decisions (the stream of `TransactionsTable`): what is stored is an alert that cannot be lost."""

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit

from fraudshield.notification import wiring as notification_wiring
from fraudshield.telemetry import flush_metrics, logger, metrics


def lambda_handler(event: dict[str, Any], context: object) -> None:  # noqa: ARG001 Lambda hands it over
    """A batch. Raises where not everybody was told: it comes again, and who was told is not told twice."""
    told = notification_wiring.stored_alerts().tell(event["Records"])
    if told:
        logger.info("alerts queued", told=told, records=len(event["Records"]))
        metrics.add_metric(name="AlertQueued", unit=MetricUnit.Count, value=told)
    flush_metrics()
