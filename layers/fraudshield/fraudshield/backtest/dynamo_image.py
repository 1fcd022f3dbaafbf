"""Reading a record of the table's stream: a decided payment, as far as drafts in shadow count it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fraudshield.backtest.dynamo_run import SOURCES, known_of, stored_payment, type_of
from fraudshield.backtest.shadow.change import ShadowChange
from fraudshield.transaction.dynamo import TRANSACTION_RECORD, is_decided


def shadow_change(record: Mapping[str, Any]) -> ShadowChange | None:
    """The change that a record tells; None where no draft would count anything by it.

    Raises:
        One of `UNREADABLE`: its images are no items of ours.
    """
    images = record["dynamodb"]
    new, old = images.get("NewImage"), images.get("OldImage")
    if record["eventName"] == "REMOVE" or new["record"]["S"] != TRANSACTION_RECORD or not is_decided(new):
        return None
    if new["source"]["S"] not in SOURCES:
        return None
    decided_before = old is not None and is_decided(old)
    if decided_before and known_of(old) == known_of(new):
        return None
    payment = stored_payment(new)
    label, labelled_at, verdict = known_of(old) if decided_before else (None, None, None)
    before = replace(payment, label=label, labelled_at=labelled_at, verdict=verdict) if decided_before else None
    return ShadowChange(int(images["SequenceNumber"]), type_of(new), payment, before)
