"""What functions log from WARNING on, and calls of the API, as CloudWatch tells them: kept for people to look up."""

import time
from typing import Any

from fraudshield.api.settings import KeySettings
from fraudshield.errors import Malformed
from fraudshield.monitoring import wiring as monitoring_wiring
from fraudshield.monitoring.api_call import counted
from fraudshield.monitoring.log import read_delivery, read_entry, says_failure
from fraudshield.settings import settings
from fraudshield.telemetry import flush_system_metrics, logger, observe_count

STOP_S = 20.0


def lambda_handler(event: dict[str, Any], context: object) -> None:  # noqa: ARG001 Lambda hands it over
    """Stores the lines. It is safe to repeat. Where it raises Lambda tries twice more; the log group has the lines."""
    stop_at = time.monotonic() + STOP_S
    try:
        delivery = read_delivery(event)
    except Malformed as exc:
        logger.error("no log lines", cause=str(exc))
        return
    if failed := sum(map(says_failure, delivery.lines)):
        observe_count("FunctionFailed", failed)
        flush_system_metrics()
    entries = [read_entry(line, delivery.group) for line in delivery.lines]
    monitoring_wiring.logs().add([entry for entry in entries if entry is not None], stop_at)
    monitoring_wiring.api_usage().count(delivery.id, counted(delivery, settings(KeySettings).scopes_by_key_id), stop_at)
