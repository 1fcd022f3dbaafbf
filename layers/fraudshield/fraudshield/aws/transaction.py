"""Writes that are all done or none, and what stood in their way."""

import random
import time
from collections.abc import Sequence
from typing import Any

from botocore.exceptions import ClientError

from fraudshield.aws import clients

NOT_AS_THOUGHT, IN_THE_WAY = "ConditionalCheckFailed", "TransactionConflict"
TIMES = 6  # that somebody else's transaction may be under way on one of the items
PAUSE_S = 0.05


def write_all(writes: Sequence[Any]) -> dict[int, Any]:
    """Do them together; else none, and by their numbers what those whose condition failed found instead.

    As `put_new`, not idempotent by itself. Raises botocore's errors.
    """
    for left in reversed(range(TIMES)):
        try:
            clients.patient_dynamodb().transact_write_items(TransactItems=writes)
        except ClientError as exc:
            response: Any = exc.response
            reasons = response.get("CancellationReasons", [])
            found = {at: one.get("Item", {}) for at, one in enumerate(reasons) if one.get("Code") == NOT_AS_THOUGHT}
            if found:
                return found
            if not left or IN_THE_WAY not in {one.get("Code") for one in reasons}:
                raise
            time.sleep(random.uniform(0, PAUSE_S))  # noqa: S311 spreads retries, keeps no secret
        else:
            return {}
    raise AssertionError("the last time either writes or raises")
