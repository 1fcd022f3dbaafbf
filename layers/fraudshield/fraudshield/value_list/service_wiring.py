"""What people do with lists."""

from functools import lru_cache

from fraudshield.audit import wiring as audit_wiring
from fraudshield.aws.probe import table
from fraudshield.dependency import Dependency
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.settings import settings
from fraudshield.text import signature
from fraudshield.value_list.dynamo import DynamoListStore
from fraudshield.value_list.dynamo_store import ListRows
from fraudshield.value_list.port import TrustingRules
from fraudshield.value_list.service import NO_TRUSTING_RULES, ListService
from fraudshield.value_list.wiring import ListSettings


@lru_cache
def list_store() -> DynamoListStore:
    """All lists and their entries. Raises StoreUnavailable where the secret cannot be read."""
    rows = ListRows(settings(ListSettings).lists_table, dynamo_wiring.lookup_calls())
    return DynamoListStore(rows, audit_wiring.audit_log(), signature.key(dynamo_wiring.signing_secret(), "list"))


def lists(rules: TrustingRules = NO_TRUSTING_RULES) -> ListService:
    """What people do with lists, where `rules` are in force. Raises StoreUnavailable as above."""
    return ListService(list_store(), rules)


def lists_needed() -> Dependency:
    """The table of lists, to be asked whether it answers."""
    return table("lists", settings(ListSettings).lists_table, "list_part", "entry")
