"""Rewrites files without the rows of erased accounts (queue `FileErasuresQueue`), as many as one invocation can."""

from datetime import UTC, datetime, timedelta
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from fraudshield.batch import wiring as batch_wiring
from fraudshield.telemetry import logger

MARGIN_S = 120.0  # a file may take that long; none is begun with less time left
BUSY_S = 60  # until the next try, while a job runs or another sweep


def lambda_handler(_: dict[str, Any], context: LambdaContext) -> None:
    """Runs one sweep at a time; one that comes too early or does not reach the end sends a message for the next."""
    left_s, now = context.get_remaining_time_in_millis() / 1000, datetime.now(UTC)
    erasures, sweep = batch_wiring.file_erasures(), batch_wiring.sweep()
    pending = erasures.pending()
    if not pending:
        return
    held = None if sweep.waits(pending) else erasures.lease(now, now + timedelta(seconds=left_s))
    if held is None:
        erasures.wake(BUSY_S)
        return
    of_run, after = held
    for swept in sweep.run(of_run, after):
        erasures.note(of_run, swept)
        if context.get_remaining_time_in_millis() / 1000 < MARGIN_S:
            erasures.release(of_run, ended=None)
            erasures.wake()
            return
    erasures.release(of_run, ended=datetime.now(UTC))
    logger.info("files swept", erasures=len(of_run))
    if erasures.pending():
        erasures.wake()
