"""Cells of a CSV file: numbers in one spelling, and text that no spreadsheet takes for a formula."""

import re

NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
GUARD = "'"  # before what a spreadsheet would take for a formula
FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")  # OWASP, CSV Injection; the last four are the full-width forms


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet may run it; a number, negative ones too, is none."""
    return cell.startswith(FORMULA) and not NUMBER.fullmatch(cell)


def safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return GUARD + cell if is_formula(cell) else cell


def safe_name(cell: str) -> str:
    """The same for a cell that holds a name or an id, where `-1` is no number either."""
    return GUARD + cell if cell.startswith(FORMULA) else cell


def unguarded(cell: str) -> str:
    """The cell that `safe` or `safe_name` made this one of; the same where they changed nothing."""
    return cell[1:] if cell.startswith(GUARD) and cell[1:].startswith(FORMULA) else cell
