"""Lists, on a table of their own."""

from functools import lru_cache

from fraudshield.audit import wiring as audit_wiring
from fraudshield.aws.probe import table
from fraudshield.breaker import Breaker
from fraudshield.dependency import Dependency
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.dynamo.call import BoundedCalls
from fraudshield.settings import Settings, settings
from fraudshield.text import signature
from fraudshield.value_list.dynamo import DynamoListStore
from fraudshield.value_list.dynamo_known import DynamoEntrySource
from fraudshield.value_list.dynamo_store import ListRows
from fraudshield.value_list.reader import ListReader
from fraudshield.value_list.service import ListService


class ListSettings(Settings):
    """The table of lists and their entries."""

    lists_table: str


@lru_cache
def list_store() -> DynamoListStore:
    """All lists and their entries. Raises StoreUnavailable where the secret cannot be read."""
    rows = ListRows(settings(ListSettings).lists_table, dynamo_wiring.lookup_calls())
    return DynamoListStore(rows, audit_wiring.audit_log(), signature.key(dynamo_wiring.signing_secret(), "list"))


def lists() -> ListService:
    """What people do with lists. Raises StoreUnavailable where the secret cannot be read."""
    return ListService(list_store())


@lru_cache
def list_reader() -> ListReader:
    """What lists hold of the payments that are to be decided."""
    calls = BoundedCalls(Breaker(), dynamo_wiring.pool())
    source = DynamoEntrySource(settings(ListSettings).lists_table, calls, dynamo_wiring.store_breaker())
    return ListReader(source)


def lists_needed() -> Dependency:
    """The table of lists, to be asked whether it answers."""
    return table("lists", settings(ListSettings).lists_table, "list_part", "entry")
