"""One row of a CSV as a transaction, or what is wrong with it. Exact, and slow: columns are read by `batch.parsed`."""

from collections.abc import Mapping
from decimal import Decimal

from fraudshield.errors import Fault, InvalidInput
from fraudshield.field import NUMBERS, OPTIONAL
from fraudshield.score_call import read_transaction
from fraudshield.spelling import NUMBER, WHOLE
from fraudshield.transaction import Transaction


def read_row(cells: Mapping[str, str], name: str) -> Transaction:
    """The transaction in these cells (by column); one without an id is called `name`.

    Raises:
        InvalidInput: with a fault per column.
    """
    sent = {column: _value(column, cell) for column, cell in cells.items() if cell or column not in OPTIONAL}
    sent.setdefault("transaction_id", name)
    try:
        return read_transaction(sent, "")
    except InvalidInput as exc:
        raise InvalidInput(str(exc), [_as_in_a_file(fault) for fault in exc.faults], exc.code) from exc


def _value(column: str, cell: str) -> object:
    """Numbers are exact; what is not spelled as one stays text and is refused as such."""
    if column not in NUMBERS or not NUMBER.fullmatch(cell):
        return cell
    return int(cell) if WHOLE.fullmatch(cell) else Decimal(cell)


def _as_in_a_file(fault: Fault) -> Fault:
    return Fault(fault.pointer, fault.detail.replace("a JSON number", "a number such as 1000.00"), fault.code)
