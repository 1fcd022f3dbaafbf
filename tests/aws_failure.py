"""Failures as botocore raises them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError


def refused(code: str, status: int = 400, **more: Any) -> ClientError:
    """The error response of AWS to a request that it refuses."""
    response: Any = {"Error": {"Code": code, "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": status}} | more
    return ClientError(response, "PutItem")


def condition_refused(there: Mapping[str, Any] | None = None) -> ClientError:
    """DynamoDB's error response to a single write whose condition does not hold, with the item where that was asked."""
    more: dict[str, Any] = {} if there is None else {"Item": there}
    return refused("ConditionalCheckFailedException", **more)


def cancelled(*reasons: str, found: Sequence[Mapping[str, Any]] = ()) -> ClientError:
    """DynamoDB's error response to a transaction: a reason for each write, and what was there instead."""
    told: list[dict[str, Any]] = [{"Code": reason} for reason in reasons]
    for one, item in zip(told, found, strict=False):
        one["Item"] = item
    return refused("TransactionCanceledException", CancellationReasons=told)


def failing(*failures: Exception) -> Callable[[], str]:
    """A function that fails so, the last of them first, and then succeeds."""
    left = list(failures)

    def call() -> str:
        if left:
            raise left.pop()
        return "done"

    return call
