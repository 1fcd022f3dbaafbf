"""Counts what was stored (the stream of `TransactionsTable`), exactly once; the tumbling window names the shard.

Behind that the drafts in shadow judge it; what fails there fails nothing here.
"""

import time
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from fraudshield.analytics import counter_wiring as analytics_counter_wiring
from fraudshield.backtest import counter_wiring as backtest_counter_wiring
from fraudshield.telemetry import flush_system_metrics

MARGIN_S = 5.0  # what is not counted by then comes again, which is better than being cut off


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """A batch of one shard. Raises where not all could be counted: it comes again, and what was counted is known."""
    stop_at = time.monotonic() + context.get_remaining_time_in_millis() / 1000 - MARGIN_S
    try:
        analytics_counter_wiring.stream_counter().count(event["shardId"], event["Records"], stop_at)
        backtest_counter_wiring.shadow_judge().judge(event["shardId"], event["Records"], stop_at)
    finally:
        flush_system_metrics()
    return {"state": {}}
