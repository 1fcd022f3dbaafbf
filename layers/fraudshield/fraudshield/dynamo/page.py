"""Reads that take several calls: all pages of a query, and the rest that a batch left undone."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from fraudshield.aws import client

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

T = TypeVar("T")


class Calls(Protocol):
    """Makes calls of a store within their time."""

    def one(self, call: Callable[[], T]) -> T:
        """Returns the result of `call`. Raises StoreUnavailable."""


def pages(query: Callable[..., Any], asked: Mapping[str, Any]) -> "Iterator[list[Item]]":
    """Yields the items of each page, which is read when the one before has been used. Raises what `query` raises."""
    start: dict[str, Any] = {}
    while True:
        page = query(**asked, **start)
        yield page["Items"]
        if "LastEvaluatedKey" not in page:
            return
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def items(query: Callable[..., Any], asked: Mapping[str, Any]) -> "Iterator[Item]":
    """Yields the items of all pages, one after the other. Raises what `query` raises."""
    for page in pages(query, asked):
        yield from page


def through(calls: Calls, call: Callable[..., Any]) -> Callable[..., Any]:
    """Makes `call` go through `calls`: each page or batch has the time of one call."""
    return lambda **asked: calls.one(partial(call, **asked))


def series_of(table: str, calls: Calls, series: str, most: int = 0) -> "list[Item]":
    """Reads the items of a series in their order, the first `most` where that is given. Raises StoreUnavailable."""
    asked: dict[str, Any] = {
        "TableName": table,
        "KeyConditionExpression": "series = :series",
        "ExpressionAttributeValues": {":series": {"S": series}},
        "ConsistentRead": True,
        **({"Limit": most} if most else {}),
    }
    query = through(calls, client.patient_dynamodb().query)
    return list(islice(items(query, asked), most or None))


def batches(call: Callable[..., Any], asked: Any, undone: str) -> Iterator[Any]:
    """Yields the responses to a batch of reads or writes; what a response leaves `undone` is requested again.

    `asked` are the batch's RequestItems. Raises what `call` raises.
    """
    while asked:
        response = call(RequestItems=asked)
        yield response
        asked = response.get(undone)
