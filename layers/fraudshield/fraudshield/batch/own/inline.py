"""Payments of an event type of one's own as a file, whose rows read back to the same payments."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from fraudshield.batch.own.row import fields_by_column
from fraudshield.errors import Fault, InvalidInput
from fraudshield.event_type.event_type import EventType
from fraudshield.transaction.built_in import BuiltInTransaction
from fraudshield.transaction.transaction import Transaction

NOT_IN_A_FILE = "not_in_a_file"


def own_csv(event_type: EventType, transactions: Sequence[Transaction]) -> bytes:
    """Writes the payments, which are of this event type.

    Raises:
        InvalidInput: one has what no field names and is no text, which a cell cannot keep.
    """
    held = [_values(one, event_type.by_role()) for one in transactions]
    fields = fields_by_column(event_type)
    kept = sorted({name for values in held for name in values} - set(fields.values()))
    if faults := [fault for at, values in enumerate(held) for fault in _no_texts(at, values, kept)]:
        raise InvalidInput("Some transactions do not fit into a file; nothing was started", faults[:100])
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*fields, *kept])
    for values in held:
        writer.writerow([cell_of(values.get(name)) for name in (*fields.values(), *kept)])
    return text.getvalue().encode()


def _values(transaction: Transaction, roles: Mapping[str, str]) -> Mapping[str, object]:
    """All that was sent, by the names of the fields; amounts as they were sent. An id that was not has been made."""
    common = {
        roles.get("id", "transaction_id"): transaction.transaction_id,
        roles.get("time", "occurred_at"): transaction.occurred_at,
    }
    built_in = dict(transaction.values) if isinstance(transaction, BuiltInTransaction) else {}
    return {**built_in, **common, **(transaction.own.said if transaction.own else {})}


def _no_texts(at: int, values: Mapping[str, object], kept: Sequence[str]) -> list[Fault]:
    says = "What no field names is kept of a file's cells as text only; name it in the event type, or use /score"
    found = [name for name in kept if not isinstance(values.get(name, ""), str)]
    return [Fault(f"/data/transactions/{at}/{name}", says, NOT_IN_A_FILE) for name in found]


def cell_of(value: object) -> str:
    """A value as a cell that is read back to it; empty where there is none."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    return "" if value is None else str(value)
