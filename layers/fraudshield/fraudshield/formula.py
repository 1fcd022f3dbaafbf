"""Cells that a spreadsheet would take for a formula."""

from fraudshield.spelling import NUMBER

FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")  # OWASP, CSV Injection; the last four are the full-width forms


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet may run it; a number, negative ones too, is none."""
    return cell.startswith(FORMULA) and not NUMBER.fullmatch(cell)


def safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if is_formula(cell) else cell


def safe_name(cell: str) -> str:
    """The same for a cell that holds a name or an id, where `-1` is no number either."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell
