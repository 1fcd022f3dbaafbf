"""What is scored at once: a block of a file's lines. Payments of the built-in type are scored as columns."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Protocol

from fraudshield.batch.byte_range import Block
from fraudshield.batch.columns import RefusedRow
from fraudshield.batch.count import count
from fraudshield.batch.format import FileFormat
from fraudshield.batch.reading import Repeats, parse
from fraudshield.batch.result import ScoredLines
from fraudshield.batch.tally import Tally
from fraudshield.batch.verdict import Judge
from fraudshield.scoring.decision import ScoredTransaction


@dataclass(frozen=True, slots=True)
class ScoredBlock:
    """What a block comes to: `written` are its scored rows as they stand in the result, `refused` the others by line.

    `lines` counts all of them, empty ones too; `tally` counts the scored rows, and what is stored of them is not known.
    """

    lines: int
    written: Iterable[str]
    refused: Sequence[RefusedRow]
    to_store: Sequence[ScoredTransaction]
    tally: Tally


class BlockScorer(Protocol):
    """Scores the blocks of one chunk, in order: it remembers their ids."""

    def score(self, block: Block) -> ScoredBlock:
        """Scores every row of the block; one that cannot be read is refused alone."""


class ColumnScorer:
    """Scores payments of the built-in type, for one chunk. `origin` names the file and its version, see `RowNames`."""

    def __init__(self, file_format: FileFormat, judge: Judge, origin: str) -> None:
        self._format = file_format
        self._judge = judge
        self._origin = origin
        self._repeats = Repeats()
        self._written = ScoredLines(judge)

    def score(self, block: Block) -> ScoredBlock:
        """Scores the block's rows as columns."""
        parsed = parse(block, self._format.line_end, self._format.header)
        rows, repeated = self._repeats.refuse(parsed.rows)
        refused = sorted([*parsed.refused, *repeated], key=lambda one: one.line)
        verdicts = self._judge.judge(rows, RowNames(self._origin, block, self._format.line_end))
        written = self._written.lines(rows, verdicts)
        return ScoredBlock(parsed.lines, written, refused, verdicts.to_store, count(rows, verdicts, self._judge))


class RowNames:
    """Makes ids for the rows of a block that have none: from the file, its version and the row's byte offset."""

    def __init__(self, origin: str, block: Block, line_end: bytes) -> None:
        self._origin = origin
        self._block = block
        self._line_end = line_end

    def __call__(self, line: int) -> str:
        """The id of the row in this line of the block."""
        return f"{self._origin}-{self.offset(line)}"

    def offset(self, line: int) -> int:
        """The byte of the text at which this line of the block starts."""
        return self._offsets[line]

    @cached_property
    def _offsets(self) -> list[int]:
        lengths = (len(line) + 1 for line in self._block.content.split(self._line_end))
        return list(accumulate(lengths, initial=self._block.offset))
