"""What decisions read of lists, on a table of their own. What people do with them is wired in `service_wiring`."""

from functools import lru_cache

from fraudshield.breaker import Breaker
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.dynamo.call import BoundedCalls
from fraudshield.settings import Settings, settings
from fraudshield.value_list.dynamo_known import DynamoEntrySource
from fraudshield.value_list.dynamo_list import DynamoListHistory
from fraudshield.value_list.dynamo_store import ListRows
from fraudshield.value_list.reader import ListReader


class ListSettings(Settings):
    """The table of lists and their entries."""

    lists_table: str


@lru_cache
def list_reader() -> ListReader:
    """What lists hold of the payments that are to be decided."""
    calls = BoundedCalls(Breaker(), dynamo_wiring.pool())
    return ListReader(DynamoEntrySource(_table(), calls, dynamo_wiring.store_breaker()))


@lru_cache
def list_history() -> DynamoListHistory:
    """Whole lists, and entries with their times, where no payment waits."""
    return DynamoListHistory(_table(), dynamo_wiring.paced_calls())


def list_names() -> list[str]:
    """The names of all lists that there are, read now. Raises StoreUnavailable."""
    return ListRows(_table(), dynamo_wiring.lookup_calls()).names()


def _table() -> str:
    return settings(ListSettings).lists_table
