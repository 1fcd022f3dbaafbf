"""Store calls that no payment waits for: tried again for some seconds, each attempt with time to answer."""

import time
from collections.abc import Callable
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.aws.back_off import cause, retried
from fraudshield.budget import PATIENCE_S
from fraudshield.errors import StoreUnavailable

PAUSE_S = 0.2
THEIR_FAULT = 500
# Refusals that end by themselves; every other one would come again.
PASSING = frozenset(
    {
        *("ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded", "RequestThrottled"),
        *("TransactionCanceledException", "TransactionConflictException", "TransactionInProgressException"),
    }
)

T = TypeVar("T")


class PatientCalls:
    """Runs calls that may raise botocore's errors, on `clients.patient_dynamodb`. What it runs is safe to repeat."""

    def one(self, call: Callable[[], T]) -> T:
        """Its result; no attempt begins after `PATIENCE_S`. Raises StoreUnavailable."""
        try:
            return retried(call, _passes, PAUSE_S, stop_at=time.monotonic() + PATIENCE_S)
        except (BotoCoreError, ClientError) as exc:
            raise StoreUnavailable(cause(exc)) from exc


def _passes(failure: BotoCoreError | ClientError) -> bool:
    if not isinstance(failure, ClientError):
        return True
    status = failure.response["ResponseMetadata"].get("HTTPStatusCode", THEIR_FAULT)
    return status >= THEIR_FAULT or cause(failure) in PASSING
