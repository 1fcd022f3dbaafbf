"""Reading the images in a record of the table's stream: a stored transaction, as far as it is counted."""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from fraudshield.analytics.counted_transaction import (
    BusyEntity,
    CountedDecision,
    CountedLabel,
    CountedTransaction,
    TransactionChange,
)
from fraudshield.analytics.series import UNDECIDED
from fraudshield.text.stored_number import number_in

Image = Mapping[str, Any]  # an item as DynamoDB writes it: {"amount": {"N": "1000"}, ...}
Record = Mapping[str, Any]
TRANSACTION = "transaction"  # the only record under a transaction's id that counts
BUSY = "busy"  # keys of busy entities, whose payments have counters by the hour
TRUTHS = frozenset({"fraud", "genuine"})  # as `label.Truth` has them; its module would load pydantic


def change_of(record: Record) -> TransactionChange:
    """The change that a record of the stream tells; nothing of removals.

    Raises:
        One of `UNREADABLE`: its images are no items of ours.
    """
    images = record["dynamodb"]
    if record["eventName"] == "REMOVE":
        return TransactionChange()
    before = counted_transaction(images["OldImage"]) if "OldImage" in images else None
    return TransactionChange(before, counted_transaction(images["NewImage"]), record["eventName"] == "INSERT")


def counted_transaction(image: Image) -> CountedTransaction | None:
    """The transaction that an image is of; None where it is of another record. Raises as `change_of` does."""
    if image["record"]["S"] != TRANSACTION:
        return None
    own = "type" not in image and "event_type" in image  # of a type that does not extend the built-in one
    return CountedTransaction(
        transaction_id=image["transaction_id"]["S"],
        source=image["source"]["S"],
        occurred_at=image["occurred_at"]["S"],
        type=image["event_type" if own else "type"]["S"],
        amount=Decimal(0) if "event_type" in image and "amount" not in image else _number(image["amount"]),
        destination=_destination(image, own),
        decision=_decision(image) if "outcome" in image else None,
        label=_label(image) if "label" in image else None,
        priced="amount" in image,
        busy=_busy(image) if BUSY in image and "decided_at" in image else (),
        event_type=image["event_type"]["S"] if "event_type" in image else None,
        verdict=image["review"]["M"]["verdict"]["S"] if "review" in image else None,
        sender=image["nameOrig"]["S"] if "nameOrig" in image else None,
        **(_rules(image) if "rules" in image else {}),
        came_on=image["received_at" if "received_at" in image else "occurred_at"]["S"][:10],
        **(_own(image) if "event_type" in image else {}),
    )


def _destination(image: Image, own: bool) -> str | None:
    return None if own and "nameDest" not in image else image["nameDest"]["S"]


def _rules(image: Image) -> dict[str, Any]:
    """The codes of the rules that held, and of those that were not evaluated."""
    states = json.loads(image["rules"]["S"])
    held, unread = ([one["code"] for one in states if one["state"] == state] for state in ("held", "not_evaluated"))
    return {"rules": tuple(dict.fromkeys(held)), "unread_rules": tuple(dict.fromkeys(unread))}


def _own(image: Image) -> dict[str, Any]:
    """By which version of its type it was read, and the values of the type's own fields."""
    held = image["fields"]["M"]
    return {
        "event_type_version": int(image["event_type_version"]["N"]),
        "texts": {name: one["S"] for name, one in held.items() if "S" in one},
        "numbers": {name: number_in(one) for name, one in held.items() if "N" in one},
    }


def _decision(image: Image) -> CountedDecision:
    ruled = "risk" not in image and image["decision_source"]["S"] == "rules"
    return CountedDecision(
        outcome=image["outcome"]["S"],
        risk=None if ruled else _number(image["risk"]),
        prediction=_number(image["prediction"]),
        model_version=UNDECIDED if ruled else image["model_version"]["S"],
        features=() if ruled else tuple(map(number_in, image["features"]["L"])),
        quality=tuple([flag["S"] for flag in image["quality"]["L"]]) if "quality" in image else (),
        policy_version=int(image["policy_version"]["N"]) if "policy_version" in image else 1,
        decided_at=image["decided_at"]["S"] if "decided_at" in image else "",
        held_to=tuple([code["S"] for code in image["held_to"]["L"]]) if "held_to" in image else None,
    )


def _busy(image: Image) -> tuple[BusyEntity, ...]:
    fraud_at = image["labelled_at"]["S"] if image.get("label") == {"S": "fraud"} else None
    return tuple([BusyEntity(one["S"], image["decided_at"]["S"], fraud_at) for one in image[BUSY]["L"]])


def _label(image: Image) -> CountedLabel:
    said_at, occurred_at = (datetime.fromisoformat(image[name]["S"]) for name in ("labelled_at", "occurred_at"))
    if (truth := image["label"]["S"]) not in TRUTHS:
        raise ValueError("It is no label of ours")
    return CountedLabel(truth, said_at - occurred_at)


def _number(attribute: Mapping[str, str]) -> Decimal:
    value = Decimal(attribute["N"])
    if not value.is_finite():
        raise ValueError(f"{value} is no number")
    return value
