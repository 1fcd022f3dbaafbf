"""Claims, verdicts and notes as records beside their transaction, and what the transaction itself says of its review.

A verdict's record is what `by_closing` lists: it never moves there, whatever is said after it.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from fraudshield.dynamo.record import attributes, from_attributes
from fraudshield.review.note import Note
from fraudshield.review.port import ClosedReview
from fraudshield.review.review import Claim, Review, ReviewVerdict, SaidVerdict, Verdicts, verdict_in_force
from fraudshield.text.timestamp import instant
from fraudshield.transaction.dynamo import TRANSACTION_RECORD
from fraudshield.transaction.dynamo_money import sent_in

if TYPE_CHECKING:
    from fraudshield.dynamo.record import Item

# All of a review's records and, last, the transaction itself are between these: one query reads them.
REVIEW_RECORDS = "review#"
CLAIM_RECORD, VERDICT_RECORDS, NOTE_RECORDS = f"{REVIEW_RECORDS}claim", f"{REVIEW_RECORDS}verdict#", "note#"
CLOSED = "closed"  # the one key of `by_closing`: verdicts are given by hand
CLAIM_KEPT = timedelta(days=1)  # after its time: until then who comes late is told that somebody took it
ACTOR = "actor"


def claim_key(transaction_id: str) -> "Item":
    """The key of a claim."""
    return attributes({"transaction_id": transaction_id, "record": CLAIM_RECORD})


def claim_values(claim: Claim) -> "Item":
    """What a claim's record holds beside its key."""
    return attributes(
        {
            "claim": claim.token,
            "claimed_at": instant(claim.claimed_at),
            "claimed_until": instant(claim.claimed_until),
            "expires_at": int((claim.claimed_until + CLAIM_KEPT).timestamp()),
        }
    )


def claim_of(item: "Item") -> Claim:
    """Reads a claim."""
    at = {name: datetime.fromisoformat(item[name]["S"]) for name in ("claimed_at", "claimed_until")}
    return Claim(item["claim"]["S"], **at)


def verdict_record(one: ReviewVerdict) -> str:
    """The sort key of a verdict: in the order in which they were given."""
    return f"{VERDICT_RECORDS}{instant(one.given_at)}#{one.verdict_id}"


def verdict_item(transaction: "Item", one: ReviewVerdict) -> "Item":
    """A verdict's record; it ages out with its transaction, and has of it what the list of closed reviews shows."""
    said = one.said
    sent, shown = sent_in(transaction), ("transaction_id", "expires_at", "event_type")
    kept: Item = {name: transaction[name] for name in shown if name in transaction}
    named = {"verdict_id": one.verdict_id, "verdict": said.verdict, "label": said.label, "reason": said.reason}
    named |= {} if sent is None else {"amount_currency": sent.currency}
    review = {name: value for name, value in named.items() if value is not None}
    own = {
        "record": verdict_record(one),
        "amount": _amount(transaction) if sent is None else sent.amount,
        "review": review,
        "closed_reviews": CLOSED,
        "closed_at": instant(one.given_at),
        "given_by": one.by,
        ACTOR: one.actor or None,
        "note": said.note,
    }
    return kept | attributes(own)


def _amount(transaction: "Item") -> Decimal | None:
    return Decimal(transaction["amount"]["N"]) if "amount" in transaction else None


def verdict_of(item: "Item") -> ReviewVerdict:
    """Reads a verdict's record, which also says whether it was undone."""
    stored = from_attributes(item)
    review, undone_at = stored["review"], stored.get("undone_at")
    return ReviewVerdict(
        verdict_id=review["verdict_id"],
        said=SaidVerdict(review["verdict"], review.get("label"), review.get("reason"), stored.get("note")),
        given_at=datetime.fromisoformat(stored["closed_at"]),
        by=stored["given_by"],
        actor=stored.get(ACTOR, ""),
        undone_at=datetime.fromisoformat(undone_at) if undone_at else None,
        undone_in=stored.get("undone_in", ""),
    )


def review_of(items: "list[Item]") -> Review:
    """Reads a review from its records and its transaction, which is among them."""
    transaction = next(item for item in items if item["record"]["S"] == TRANSACTION_RECORD)
    decided_at = transaction.get("decided_at")
    return Review(
        outcome=transaction["outcome"]["S"] if "outcome" in transaction else None,
        decided_at=datetime.fromisoformat(decided_at["S"]) if decided_at else None,
        labelled="label" in transaction,
        claim=next((claim_of(item) for item in items if item["record"]["S"] == CLAIM_RECORD), None),
        verdicts=[verdict_of(item) for item in items if item["record"]["S"].startswith(VERDICT_RECORDS)],
    )


def taken_back(table: str, transaction_id: str, one: ReviewVerdict, at: datetime, cause: str) -> dict[str, Any]:
    """The write that takes a verdict back, so that nobody is told of it, for a request or another verdict."""
    return {
        "Update": {
            "TableName": table,
            "Key": attributes({"transaction_id": transaction_id, "record": verdict_record(one)}),
            "UpdateExpression": "SET undone_at = :at, undone_in = :cause REMOVE closed_reviews",
            "ConditionExpression": "attribute_exists(transaction_id) AND attribute_not_exists(undone_at)",
            "ExpressionAttributeValues": attributes({":at": instant(at), ":cause": cause}),
        }
    }


def reviewed(table: str, transaction: "Item", verdicts: Verdicts) -> Any:
    """The update that makes the transaction say which verdict stands, if neither labels nor verdicts changed since.

    With a verdict it leaves the review queue; without one a flagged transaction that has no label is in it again.
    """
    now = verdict_in_force(verdicts)
    values: Item = {}
    if now is not None:
        values = attributes({"review": {"verdict": now.said.verdict, "verdict_id": now.verdict_id}})
    elif "label" not in transaction:
        values = {"review_queue": transaction["outcome"]}
    dropped = {"review", "review_queue"} - values.keys()
    revision = int(transaction.get("label_revision", {}).get("N", "0"))
    values |= attributes({"label_revision": revision + 1})
    unchanged = "label_revision = :read" if revision else "attribute_not_exists(label_revision)"
    return {
        "Update": {
            "TableName": table,
            "Key": {name: transaction[name] for name in ("transaction_id", "record")},
            "UpdateExpression": f"SET {', '.join(f'#{name} = :{name}' for name in sorted(values))} "
            f"REMOVE {', '.join(f'#{name}' for name in sorted(dropped))}",
            "ConditionExpression": f"attribute_exists(transaction_id) AND {unchanged}",
            "ExpressionAttributeNames": {f"#{name}": name for name in sorted({*values, *dropped})},
            "ExpressionAttributeValues": {
                **{f":{name}": value for name, value in values.items()},
                **attributes({":read": revision or None}),
            },
        }
    }


def closed_of(item: "Item") -> ClosedReview:
    """Reads a closed review from an item of the index."""
    stored = from_attributes(item)
    review = stored["review"]
    return ClosedReview(
        verdict_id=review["verdict_id"],
        transaction_id=stored["transaction_id"],
        verdict=review["verdict"],
        closed_at=datetime.fromisoformat(stored["closed_at"]),
        label=review.get("label"),
        reason=review.get("reason"),
        amount=stored.get("amount"),
        amount_currency=review.get("amount_currency"),
        event_type=stored.get("event_type"),
    )


def note_item(transaction: "Item", note: Note) -> "Item":
    """A note's record; it ages out with its transaction."""
    kept = {name: transaction[name] for name in ("transaction_id", "expires_at") if name in transaction}
    own = {
        "record": f"{NOTE_RECORDS}{instant(note.noted_at)}#{note.note_id}",
        "note": note.text,
        "noted_by": note.by,
        ACTOR: note.actor or None,
    }
    return kept | attributes(own)


def note_of(item: "Item") -> Note:
    """Reads a note."""
    stored = from_attributes(item)
    noted_at, _, note_id = stored["record"].removeprefix(NOTE_RECORDS).partition("#")
    at = datetime.fromisoformat(noted_at).astimezone(UTC)
    return Note(note_id, stored["note"], at, stored["noted_by"], stored.get(ACTOR, ""))
