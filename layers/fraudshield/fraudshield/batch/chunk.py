"""One chunk of a file, from its bytes to its results: read, judge, keep, write, count."""

import gc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from fraudshield.batch.count import count
from fraudshield.batch.form import Form
from fraudshield.batch.line import Block, blocks
from fraudshield.batch.part import Parts
from fraudshield.batch.reading import read
from fraudshield.batch.repeat import Repeats
from fraudshield.batch.result import ScoredLines, reject_lines
from fraudshield.batch.rows import Refused
from fraudshield.batch.tally import Tally
from fraudshield.batch.verdict import Judge
from fraudshield.decision import ScoredTransaction

Keep = Callable[[Sequence[ScoredTransaction]], Tally]  # stores decisions; counts what became of them
Alive = Callable[[], None]  # raises when there is no time for another block


@dataclass(frozen=True, slots=True)
class Chunk:
    """Scores chunks of one job. `origin` names the file and its version: rows without an id are called after it."""

    form: Form
    judge: Judge
    origin: str
    keep: Keep
    alive: Alive = lambda: None

    def score(self, stream: Iterable[bytes], offset: int, scored: Parts, rejects: Parts) -> Tally:
        """The whole stream, which begins at byte `offset` of the text. Safe to repeat: the same bytes are written.

        A refused row's line is counted in this chunk, from 1.
        """
        tally, repeats, written = Tally(), Repeats(), ScoredLines(self.judge)
        with _no_garbage_collection():
            for block in blocks(stream, self.form.line_end, offset):
                self.alive()
                tally += self._block(block, tally.lines, repeats, written, scored, rejects)
        scored.close()
        rejects.close()
        return tally

    def _block(
        self, block: Block, before: int, repeats: Repeats, written: ScoredLines, scored: Parts, rejects: Parts
    ) -> Tally:
        seen = read(block, self.form.line_end, self.form.header)
        rows, repeated = repeats.refuse(seen.rows)
        refused = sorted([*seen.refused, *repeated], key=lambda one: one.line)
        names = _Names(self.origin, block, self.form.line_end)
        verdicts = self.judge.judge(rows, names)
        scored.write(written.lines(rows, verdicts))
        rejects.write(reject_lines(refused, before))
        kept = self.keep(verdicts.to_store) if verdicts.to_store else Tally()
        return count(rows, verdicts, self.judge) + kept + _refusals(refused) + Tally(lines=seen.lines)


class _Names:
    """What a block's rows are called that have no id of their own: after the file, its version and their byte."""

    def __init__(self, origin: str, block: Block, line_end: bytes) -> None:
        self._origin = origin
        self._block = block
        self._line_end = line_end

    def __call__(self, line: int) -> str:
        return f"{self._origin}-{self._offsets[line]}"

    @cached_property
    def _offsets(self) -> list[int]:
        lengths = (len(line) + 1 for line in self._block.content.split(self._line_end))
        return list(accumulate(lengths, initial=self._block.offset))


def _refusals(refused: Sequence[Refused]) -> Tally:
    codes = Counter(fault.code for one in refused for fault in one.faults)
    return Tally(rows=len(refused), rejected=len(refused), faults=dict(codes))


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Lists of a million rows hold no cycles, and looking for some takes a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
