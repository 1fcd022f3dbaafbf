"""Items of one table, read by their keys a hundred at once."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from fraudshield.dynamo.call import BoundedCalls
from fraudshield.dynamo.page import batches
from fraudshield.errors import StoreUnavailable

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

KEYS_PER_READ = 100  # as many as DynamoDB takes in one BatchGetItem


def read_items(call: Callable[..., Any], table: str, asked: Any) -> "list[Item]":
    """Reads what `asked`, a table's part of RequestItems, finds. Raises what `call` raises."""
    pages = batches(call, {table: asked}, "UnprocessedKeys")
    return [item for page in pages for item in page["Responses"].get(table, [])]


def by_hundreds(
    calls: BoundedCalls, read: Callable[[Sequence[str]], "list[Item]"], ids: Sequence[str], stop_at: float
) -> "Iterator[Item]":
    """Yields what `read` finds of so many ids, whose hundreds are read side by side by `stop_at`.

    Raises StoreUnavailable.
    """
    hundreds = [ids[at : at + KEYS_PER_READ] for at in range(0, len(ids), KEYS_PER_READ)]
    for found in calls.each([partial(read, some) for some in hundreds], stop_at):
        if isinstance(found, StoreUnavailable):
            raise found
        yield from found
