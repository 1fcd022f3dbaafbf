"""Queues the alerts of stored decisions (the stream of `TransactionsTable`): the stored decision is the outbox."""

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit

from fraudshield.notification import wiring as notification_wiring
from fraudshield.telemetry import flush_metrics, logger, metrics


def lambda_handler(event: dict[str, Any], context: object) -> None:  # noqa: ARG001 Lambda hands it over
    """Handles a batch. Where it raises the batch comes again, and who was told is not told twice."""
    told = notification_wiring.stored_alerts().tell(event["Records"])
    if told:
        logger.info("alerts queued", told=told, records=len(event["Records"]))
        metrics.add_metric(name="AlertQueued", unit=MetricUnit.Count, value=told)
    flush_metrics()
