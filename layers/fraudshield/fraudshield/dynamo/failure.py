"""What a failed call of DynamoDB says: the store is in trouble, somebody was in the way, or this call is refused."""

from enum import Enum, auto
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    IncompleteReadError,
    ProxyConnectionError,
    SSLError,
)

THEIR_FAULT = 500
NO_ANSWER = (
    *(ConnectTimeoutError, EndpointConnectionError, ProxyConnectionError, SSLError),
    *(HTTPClientError, IncompleteReadError),  # a read that timed out or was cut off is among them
)
THROTTLES = frozenset(
    {
        *("ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded"),
        *("RequestThrottled", "RequestThrottledException", "ThrottlingError", "ProvisionedThroughputExceeded"),
    }
)
ERRORS_OF_THEIRS = frozenset({"InternalServerError", "InternalFailure", "ServiceUnavailable", "RequestTimeout"})
CONTENTION = frozenset(
    {"TransactionCanceledException", "TransactionConflictException", "TransactionInProgressException"}
)


class FailureKind(Enum):
    """Who is at fault, and so what follows: only `TROUBLE` is a reason to spare the store, only `REFUSAL` is final."""

    TROUBLE = auto()  # no connection, no answer in time, an error of theirs (5xx), throttling: it meets every call
    CONTENTION = auto()  # another writer had the item: the same call may succeed at once
    REFUSAL = auto()  # this call, by its content or by our rights: it would be refused again, and others would not


def failure_kind(failure: BotoCoreError | ClientError) -> FailureKind:
    """Returns the kind of a failure, from botocore's class or the code and status of DynamoDB's answer."""
    if not isinstance(failure, ClientError):
        return FailureKind.TROUBLE if isinstance(failure, NO_ANSWER) else FailureKind.REFUSAL
    response: Any = failure.response
    codes = {cause(failure), *(one.get("Code") for one in response.get("CancellationReasons", ()))}
    if codes & (THROTTLES | ERRORS_OF_THEIRS) or _status(response) >= THEIR_FAULT:
        return FailureKind.TROUBLE
    return FailureKind.CONTENTION if codes & CONTENTION else FailureKind.REFUSAL


def cause(failure: BotoCoreError | ClientError) -> str:
    """Returns the error code of AWS; else the name of the connection's error."""
    if isinstance(failure, ClientError):
        return str(failure.response["Error"]["Code"])
    return type(failure).__name__


def _status(response: Any) -> int:
    """The answer's status; an error without one is taken for theirs."""
    return int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", THEIR_FAULT))
