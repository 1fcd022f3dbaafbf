"""What a file of labels would do, before it counts: which lines match, are unknown, or contradict what was said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fraudshield.label.bulk import spellings
from fraudshield.label.file import LabelLine
from fraudshield.label.label import Label, Truth
from fraudshield.label.port import KnownLabels


@dataclass(frozen=True, slots=True)
class TriedLine:
    """A line and the payment that it is about, None where none is stored; `against` says otherwise than the line."""

    line: LabelLine
    transaction_id: str | None
    in_force: Label | None = None
    against: Truth | None = None

    @property
    def is_known(self) -> bool:
        """Whether the label in force says the same."""
        return self.in_force is not None and self.in_force.truth == self.line.label.truth


def try_lines(known: KnownLabels, lines: Sequence[LabelLine], stop_at: float) -> list[TriedLine]:
    """Looks up each line's payment as recording it would; stores nothing. Raises StoreUnavailable."""
    cells = {line.transaction_id: (line.transaction_id, *spellings(line.transaction_id)) for line in lines}
    found = known.of([name for names in cells.values() for name in names], stop_at)
    said: dict[str, Truth] = {}
    return [_tried(line, _first(cells[line.transaction_id], found), found, said) for line in lines]


def _first(names: Sequence[str], found: Mapping[str, Label | None]) -> str | None:
    return next((name for name in names if name in found), None)


def _tried(
    line: LabelLine, transaction_id: str | None, found: Mapping[str, Label | None], said: dict[str, Truth]
) -> TriedLine:
    if transaction_id is None:
        return TriedLine(line, None)
    in_force, truth = found[transaction_id], line.label.truth
    others = (said.setdefault(transaction_id, truth), in_force.truth if in_force else truth)
    against = next((one for one in others if one != truth), None)
    return TriedLine(line, transaction_id, in_force, against)
