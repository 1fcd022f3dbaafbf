"""Decisions that stand beside a stored transaction: about the same payment, or about another one under its id."""

from typing import TYPE_CHECKING

from fraudshield.transaction.dynamo_money import RATES_VERSION
from fraudshield.transaction.dynamo_own import ENTITY_SLOTS

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

# The attributes that a decision brings to the transaction's item. None of them is a key of the lists' indexes.
DECISION = frozenset(
    {
        *("decided_at", "features", "risk", "prediction", "outcome", "model_version", "policy_version"),
        *("decision_source", "reasons", "reasons_pending", "degraded", "quality", "velocity", "aggregates"),
        *("rule_threshold", "form", "codes", "rules", "decided_by", RATES_VERSION),
        *("event_type", "event_type_version", "event_type_digest"),  # a later version may read what an earlier stored
    }
)
FOUND_BY = ("nameOrig", "nameDest", "occurred_at", *ENTITY_SLOTS)
TAKEN = DECISION | {"content_hash", "source", "expires_at"}


def given_out_item(item: "Item") -> "Item":
    """A decided item as a prediction beside the transaction's first one."""
    decision: Item = {name: value for name, value in item.items() if name in TAKEN}
    return {
        **decision,
        "transaction_id": item["transaction_id"],
        "record": {"S": f"prediction#{item['decided_at']['S']}#answered"},
        "answered": {"BOOL": True},
    }


def conflicting(item: "Item") -> "Item":
    """A decided item of another content under the same id: it is kept whole, in `transaction`.

    Whoever looks for its accounts finds it: their names are keys of indexes.
    """
    name = f"conflict#{item['decided_at']['S']}#{item['content_hash']['S'][:16]}"
    found_by: Item = {key: item[key] for key in FOUND_BY if key in item}
    return {**given_out_item(item), **found_by, "record": {"S": name}, "transaction": {"M": item}}
