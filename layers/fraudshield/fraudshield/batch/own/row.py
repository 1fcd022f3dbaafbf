"""A row of a file whose payments are of an event type of one's own: its cells as they would be sent to the API."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from fraudshield.batch.header import as_in_a_file, has_columns, number_in
from fraudshield.errors import Fault, InvalidInput
from fraudshield.event_type.event_type import EventType
from fraudshield.event_type.field import NUMBERS as NUMERIC
from fraudshield.text import strict_json
from fraudshield.text.csv_cell import unguarded
from fraudshield.text.csv_line import Cells
from fraudshield.text.fault import pointer_step
from fraudshield.transaction.own import KEPT
from fraudshield.transaction.parser import parser_of
from fraudshield.transaction.transaction import Transaction

# The columns of lists and `event_type`: a file that has them all is an export of payments.
EXPORTED = frozenset(
    {"transaction_id", "occurred_at", "type", "amount", "nameOrig", "nameDest", "source", "decision", "risk", "label"}
    | {"event_type"}
)
BOOLEANS: Mapping[str, bool] = {"true": True, "false": False, "1": True, "0": False}
Value = Callable[[str], object]  # of a cell, as JSON has it
OF_KIND: Mapping[str, Value] = {
    **dict.fromkeys(NUMERIC, number_in),
    "boolean": lambda cell: BOOLEANS.get(cell.lower(), cell),
}


@dataclass(frozen=True, slots=True)
class OwnColumn:
    """A column that holds a field: its name, its position, and the name under which the field is sent."""

    name: str
    position: int
    member: str
    value: Value
    numeric: bool


@dataclass(frozen=True, slots=True)
class OwnLayout:
    """Which column of a file is which field of an event type. What no field names passes through, unread.

    `kept` are those columns where the type keeps what it does not name: they are sent under their own names. Of an
    export the lists' columns are none of them, what was kept stands in one column, at `kept_in`, and a cell that would
    be a formula has a mark before it that is taken off.
    """

    event_type: EventType
    names: tuple[str, ...]
    columns: tuple[OwnColumn, ...]
    kept: tuple[tuple[str, int], ...]
    id_member: str
    exported: bool = False
    kept_in: int | None = None

    @classmethod
    def of(cls, event_type: EventType, names: Sequence[str], file: str) -> "OwnLayout":
        """The layout of a file with these columns; `file` is for messages.

        Raises:
            Malformed: a column of a field that must be sent is missing, or a field has two columns.
        """
        fields, by_name = fields_by_column(event_type, names), event_type.all_fields
        required = [column for column, name in fields.items() if name in by_name and by_name[name].required]
        has_columns(names, required, fields, file)
        counts = Counter(names)
        columns = [_column(event_type, name, at, fields[name]) for at, name in enumerate(names) if name in fields]
        exported = {*names} >= EXPORTED
        ours = {*fields, "", *(EXPORTED | {KEPT} if exported else ())}
        kept = [(name, at) for at, name in enumerate(names) if name not in ours and counts[name] == 1]
        id_field = event_type.by_role().get("id", "transaction_id")
        id_place = by_name[id_field].place if id_field in by_name else None
        return cls(
            event_type=event_type,
            names=tuple(names),
            columns=tuple(columns),
            kept=tuple(kept) if event_type.unknown == "keep" else (),
            id_member=id_place or id_field,
            exported=exported,
            kept_in=names.index(KEPT) if exported and KEPT in names else None,
        )

    @property
    def numeric(self) -> frozenset[int]:
        """The positions of the columns that hold numbers."""
        return frozenset(column.position for column in self.columns if column.numeric)

    def read(self, cells: Cells, name: str) -> Transaction:
        """Reads the transaction in a row; where the row has no id, it gets the id `name`. An empty cell is not sent.

        Raises:
            InvalidInput: with a fault per column.
        """
        read = unguarded if self.exported else str
        sent = {one.member: one.value(read(cells[one.position])) for one in self.columns if cells[one.position]}
        sent |= {column: cells[position] for column, position in self.kept if cells[position]}
        sent = {**self._kept_of_export(cells), **sent}
        sent.setdefault(self.id_member, name)
        try:
            return parser_of(self.event_type).read(sent, "")
        except InvalidInput as exc:
            raise InvalidInput(str(exc), [self._in_column(fault) for fault in exc.faults], exc.code) from exc

    def _kept_of_export(self, cells: Cells) -> Mapping[str, object]:
        if self.kept_in is None or not cells[self.kept_in]:
            return {}
        held = strict_json.parse(cells[self.kept_in].encode())
        if not isinstance(held, dict):
            raise InvalidInput("kept", [Fault(f"/{KEPT}", "Input should be a JSON object, as exports have it", "kept")])
        return held

    def pointer_of_id(self) -> str:
        """Where a refusal names the id."""
        return next((f"/{one.name}" for one in self.columns if one.member == self.id_member), f"/{self.id_member}")

    def _in_column(self, fault: Fault) -> Fault:
        """The fault in the words of a file, under its column's name."""
        said = as_in_a_file(fault)
        for column in self.columns:
            if said.pointer in (column.member, f"/{pointer_step(column.member)}"):
                return Fault(f"/{column.name}", said.detail, said.code)
        return said


def fields_by_column(event_type: EventType, names: Collection[str] = ()) -> Mapping[str, str]:
    """The field in each column: its column is the place that its type names, where that is a column's name.

    A file with these `names` that lacks such a column may have it under the field's own name, as exports do. Id and
    time stand under their usual names where no field has the role. Later facts are in no file of payments.
    """
    fields = event_type.all_fields
    sent = {name: _column_name(name, field.sent_as(name)) for name, field in fields.items() if not field.later}
    as_exported = {name for name, column in sent.items() if column not in names and name in {*names} - {*sent.values()}}
    named = {name if name in as_exported else column: name for name, column in sent.items()}
    roles = event_type.by_role()
    by_itself = [name for role, name in (("id", "transaction_id"), ("time", "occurred_at")) if role not in roles]
    return named | {name: name for name in by_itself}


def _column_name(name: str, place: str) -> str:
    return name if place.startswith("/") else place


def _column(event_type: EventType, column: str, position: int, field_name: str) -> OwnColumn:
    field = event_type.all_fields.get(field_name)
    kind = field.kind if field is not None else "text"
    member = field.sent_as(field_name) if field is not None else field_name
    return OwnColumn(column, position, member, OF_KIND.get(kind, str), kind in NUMERIC)
