"""A label as a record of its transaction, and as attributes of the transaction itself while it is in force."""

from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING

from fraudshield.dynamo.record import attributes, from_attributes
from fraudshield.label.label import History, Label, RecordedLabel, in_force
from fraudshield.text.timestamp import instant

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import UpdateTypeDef

    from fraudshield.dynamo.record import Item

LABEL_RECORDS = "label#"
IN_FORCE = ("label", "label_source", "labelled_at")


def record_name(one: RecordedLabel) -> str:
    """Returns the sort key: different labels of one moment have different keys."""
    said = f"{one.label.truth} {one.label.source} {instant(one.label.labelled_at)} {one.by}"
    return f"{LABEL_RECORDS}{instant(one.recorded_at)}#{blake2b(said.encode(), digest_size=4).hexdigest()}"


def to_record(transaction: "Item", one: RecordedLabel) -> "Item":
    """Returns a history record; it ages out with its transaction."""
    record = {"record": record_name(one), "recorded_at": instant(one.recorded_at), "label_by": one.by}
    if one.actor:
        record["label_actor"] = one.actor
    kept = {name: transaction[name] for name in ("transaction_id", "expires_at") if name in transaction}
    return kept | attributes(record) | _label(one.label)


def from_record(item: "Item") -> RecordedLabel:
    """Reads a history record, which also says whether the label was taken back."""
    stored = from_attributes(item)
    undone_at = stored.get("undone_at")
    label = label_of(item)
    assert label is not None  # noqa: S101 a record is of a label
    return RecordedLabel(
        label=label,
        recorded_at=datetime.fromisoformat(stored["recorded_at"]),
        by=stored["label_by"],
        undone_at=datetime.fromisoformat(undone_at) if undone_at else None,
        undone_in=stored.get("undone_in", ""),
        actor=stored.get("label_actor", ""),
    )


def label_of(item: "Item") -> Label | None:
    """Returns the label in an item; None where it has none."""
    stored = from_attributes({name: value for name, value in item.items() if name in IN_FORCE})
    if "label" not in stored:
        return None
    return Label(stored["label"], stored["label_source"], datetime.fromisoformat(stored["labelled_at"]))


def relabelled(table: str, transaction: "Item", history: History) -> "UpdateTypeDef":
    """Returns the update that sets the label in force, if no other write changed the labels since they were read.

    A labelled transaction leaves the review queue; a flagged one without a label or a verdict is in it again.
    """
    now = in_force(history)
    flagged = transaction.get("outcome", {}).get("S") not in {None, "approve"}
    waits = flagged and "review" not in transaction
    values: Item = dict(_label(now.label)) if now else {"review_queue": transaction["outcome"]} if waits else {}
    dropped = ({*IN_FORCE, "review_queue"} if now or flagged else {*IN_FORCE}) - values.keys()
    revision = int(transaction.get("label_revision", {}).get("N", "0"))
    values |= attributes({"label_revision": revision + 1})
    unchanged = "label_revision = :read" if revision else "attribute_not_exists(label_revision)"
    return {
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


def _label(label: Label) -> "Item":
    return attributes({"label": label.truth, "label_source": label.source, "labelled_at": instant(label.labelled_at)})
