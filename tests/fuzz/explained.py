"""Refusals of requests that the contract allows: a schema cannot say everything, and here is what it does not."""

from collections.abc import Iterator
from typing import Any

# By the fault's code, why no schema says it.
EXPLAINED = {
    "invalid_cursor": "a cursor is a signed text that only this API makes",
    # A schema sees a file as one text: not how it is coded, packed and divided.
    "not_csv": "what the body holds is no CSV",
    "not_utf8": "bytes that are no UTF-8",
    "not_text": "characters that no text has",
    "no_header": "no first line with columns",
    "empty_file": "no bytes",
    "missing_columns": "columns that have to be there",
    "duplicate_column": "a column twice",
    "too_many_columns": "more columns than are taken",
    "ahead_of_now": "a schema knows no clock",
    "timezone": "which time zones there are is the time zone database's to say",
    # Two fields that do not go together.
    "dates_order": "start_date after end_date",
    "no_label": "a label asked for with labelled=false",
    "two_places": "a cursor and an offset",
    "no_queue": "sort=expected_loss without what makes the list the review queue",
    "thresholds_order": "block below review, critical_risk below alert_risk",
    "quiet_hours": "quiet hours that end when they start",
    "sources": "a source twice",
    # Parts of an event type that do not go with each other, or with what there is.
    "reserved_name": "a field, or a type, by a name that is used otherwise",
    "unknown_event_type": "which event types there are is not the schema's to say",
    "unknown_field": "one field that names another",
    "cycle": "a type that extends itself",
    "incomplete": "a part that another asks for",
    "inherited": "a field of what the type extends",
    "role_twice": "two fields of one role",
    "no_amount": "no field with the role amount",
    "not_required": "an amount that may be left out",
    "wrong_kind": "what is for fields of another kind",
    "bounds_order": "a minimum above the maximum",
    "value_twice": "a value twice",
    "role_later": "a role that is told later",
    "role_entity": "a role that names another entity",
    "amount_unit": "amount in minor units under the name of the one in major units",
    "no_entity": "busy without an entity",
    "pointer_syntax": "a text that is no JSON Pointer",
    "place_twice": "two fields that are read from one place",
    "unknown_zone": "a text that is no time zone's name",
    "measure": "an aggregate of no measure, or of several",
    "out_of_range": "an amount with a minimum below 0",
    "later": "a field that is told later and required, shown or busy",
    "busy": "what a busy entity's counters do not have",
    "name_taken": "an aggregate by the name of a field",
    "not_shown": "an aggregate over a field that is not kept for counting",
    "ambiguous": "an aggregate over an entity that several fields name",
    "breaks_stored": "a version that stored payments do not go with",
    "no_slot": "a fifth entity",
    "too_many_types": "more event types than are taken",
    # What is there already, or is not: all entries of a list may say so.
    "not_found": "labels for transactions that are not there",
    "transaction_conflict": "a transaction_id that is taken by another content",
    "has_sender": "an erasure of a payment that goes with its sender's account",
    "claim_lost": "verdicts about reviews that somebody else has",
    "nothing_to_review": "verdicts about payments that were not flagged",
}


EXPRESSIONS = ("/when", "/where", "/value")  # places of texts in a language that no schema describes
# Where transactions lie in a body. Those of an event type are as its document says, and not as the contract does.
TRANSACTIONS = ("/transaction", "/data/transactions/")
FILTERS = "/filters/"  # those of a list, whose parameters say what each may be


def is_explained(body: Any, typed: bool = False) -> bool:
    """Whether every fault that a response names is one of these; in a `typed` body, or lies in a transaction."""
    faults = [*_faults(body)]
    return bool(faults) and all(
        code in EXPLAINED
        or pointer.endswith(EXPRESSIONS)
        or pointer.startswith(FILTERS)
        or (typed and pointer.startswith(TRANSACTIONS))
        for pointer, code in faults
    )


def _faults(body: Any) -> Iterator[tuple[str, str]]:
    """Place and code of each fault; a problem document without any has its own code."""
    if not isinstance(body, dict):
        return
    entries = body.get("results", [])
    faults = [*body.get("errors", []), *(fault for entry in entries for fault in entry.get("errors", []))]
    if not faults and "code" in body:
        yield "", body["code"]
    for fault in faults:
        yield fault.get("pointer", ""), fault["code"]
