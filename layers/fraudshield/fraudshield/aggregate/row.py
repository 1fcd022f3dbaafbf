"""An earlier payment, as far as the table's indexes have it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from fraudshield.event_type.payment import NAME
from fraudshield.expression.names import Kind
from fraudshield.expression.reading import Scalar

MOST_ROWS = 1000  # of one entity are read, the newest: beyond that a count says "at least"


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """`amount` is in the reporting currency of its type, None where it is not known in that.

    `shown` are the fields that its type shows, as JSON has them: numbers are exact, instants are texts in UTC."""

    transaction_id: str
    occurred_at: datetime
    decided_at: datetime
    amount: Decimal | None
    outcome: str
    source: str
    event_type: str = NAME
    risk: Decimal | None = None
    label: str | None = None
    labelled_at: datetime | None = None
    shown: Mapping[str, object] = field(default_factory=dict)

    def label_at(self, known_at: datetime, labels_later: timedelta) -> str | None:
        """The label that was known then: from when it was said on, and so long after the payment at the earliest."""
        if self.labelled_at is None or self.labelled_at > known_at or known_at - self.occurred_at < labels_later:
            return None
        return self.label

    def value(self, name: str, kind: Kind) -> Scalar | None:
        """What it has of this name; None where that is of another kind, as another type's field may be."""
        if name in BESIDE:
            held: Scalar | None = getattr(self, name)
            return held
        return TAKEN[kind](self.shown.get(name))


@dataclass(frozen=True, slots=True)
class HistoryRead:
    """Rows of one entity, the newest first; `capped` where there are older ones that were not read."""

    rows: tuple[HistoryRow, ...] = ()
    capped: bool = False


BESIDE = frozenset({"amount", "outcome", "source", "risk", "event_type"})


def merged(reads: Sequence[HistoryRead]) -> HistoryRead:
    """What several reads say together, of one entity that payments may name in several fields.

    Rows that are older than the oldest of a capped read are left out: others of that age were not read.
    """
    rows = {row.transaction_id: row for read in reads for row in read.rows}
    whole_from = max((read.rows[-1].occurred_at for read in reads if read.capped and read.rows), default=None)
    kept = [row for row in rows.values() if whole_from is None or row.occurred_at >= whole_from]
    kept.sort(key=lambda row: row.occurred_at, reverse=True)
    return HistoryRead(tuple(kept), any(read.capped for read in reads))


def _money(held: object) -> Decimal | None:
    return held if isinstance(held, Decimal) else None


def _number(held: object) -> Decimal | None:
    """The float64 that it is to every expression, as the decimal that is written so."""
    return Decimal(repr(float(held))) if isinstance(held, Decimal) else None


def _text(held: object) -> str | None:
    return held if isinstance(held, str) else None


def _instant(held: object) -> datetime | None:
    try:
        return datetime.fromisoformat(held) if isinstance(held, str) else None
    except ValueError:  # a text of another type's field
        return None


TAKEN = {
    Kind.TEXT: _text,
    Kind.CATEGORY: _text,
    Kind.NUMBER: _number,
    Kind.MONEY: _money,
    Kind.INTEGER: _number,
    Kind.BOOLEAN: lambda held: held if isinstance(held, bool) else None,
    Kind.INSTANT: _instant,
}
