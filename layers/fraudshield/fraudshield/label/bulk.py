"""Recording the labels of a file: each cell is the id that it spells, or the one that it was made of on its way."""

from collections.abc import Sequence

from fraudshield.audit.audit import Author
from fraudshield.errors import Fault, NotFound
from fraudshield.label.file import LabelLine
from fraudshield.label.port import LabelOutcome, LabelStore
from fraudshield.text.csv_cell import unguarded


def record_lines(store: LabelStore, lines: Sequence[LabelLine], by: Author, stop_at: float) -> list[LabelOutcome]:
    """Records the labels; returns one result each, in order. Where no transaction has an id, its spellings are tried.

    Raises nothing.
    """
    done = store.add_many([(line.transaction_id, line.label) for line in lines], by, stop_at)
    others = [
        list(spellings(line.transaction_id)) if _unknown(one) else [] for line, one in zip(lines, done, strict=True)
    ]
    while tried := [at for at, left in enumerate(others) if left and _unknown(done[at])]:
        again = store.add_many([(others[at].pop(0), lines[at].label) for at in tried], by, stop_at)
        for at, outcome in zip(tried, again, strict=True):
            done[at] = outcome
    return done


def spellings(cell: str) -> tuple[str, ...]:
    """Returns which other ids the cell may stand for: an export puts an apostrophe before what looks like a formula.

    People put blanks after a comma.
    """
    stripped = cell.strip()
    return tuple(one for one in dict.fromkeys((unguarded(cell), stripped, unguarded(stripped))) if one and one != cell)


def _unknown(outcome: LabelOutcome) -> bool:
    return isinstance(outcome, Fault) and outcome.code == NotFound.code
