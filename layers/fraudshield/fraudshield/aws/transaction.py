"""Writes that are all done or none, and what stood in their way."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.aws import clients
from fraudshield.aws.back_off import retried
from fraudshield.aws.conditional import CONDITION_FAILED, CONFLICT, cancellation_reasons, found_instead_of_each

TIMES = 6  # that somebody else's transaction may be under way on one of the items
PAUSE_S = 0.05


def write_all(writes: Sequence[Any]) -> dict[int, Any]:
    """Do them together; else none, and by their numbers what those whose condition failed found instead.

    As `put_new`, not idempotent by itself. Raises botocore's errors.
    """
    write = partial(clients.patient_dynamodb().transact_write_items, TransactItems=writes)
    try:
        retried(write, only_in_the_way, PAUSE_S, attempts=TIMES)
    except ClientError as exc:
        if found := found_instead_of_each(exc):
            return dict(found)
        raise
    return {}


def only_in_the_way(exc: BotoCoreError | ClientError) -> bool:
    """Whether another transaction was under way on an item, and no condition failed: the same may succeed then."""
    reasons = cancellation_reasons(exc)
    return CONFLICT in reasons and CONDITION_FAILED not in reasons
