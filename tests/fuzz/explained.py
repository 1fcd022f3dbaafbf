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
    "two_places": "a cursor and an offset",
    "no_queue": "sort=expected_loss without what makes the list the review queue",
    "thresholds_order": "block below review, critical_risk below alert_risk",
    "quiet_hours": "quiet hours that end when they start",
    "sources": "a source twice",
    # What is there already, or is not: all entries of a list may say so.
    "not_found": "labels for transactions that are not there",
    "transaction_conflict": "a transaction_id that is taken by another content",
}


def is_explained(body: Any) -> bool:
    """Whether every fault that a response names is one of these."""
    codes = {*_codes(body)}
    return bool(codes) and codes <= EXPLAINED.keys()


def _codes(body: Any) -> Iterator[str]:
    """The codes of all faults, of a problem document without any its own."""
    if not isinstance(body, dict):
        return
    entries = body.get("results", [])
    faults = [*body.get("errors", []), *(fault for entry in entries for fault in entry.get("errors", []))]
    if not faults and "code" in body:
        yield body["code"]
    for fault in faults:
        yield fault["code"]
