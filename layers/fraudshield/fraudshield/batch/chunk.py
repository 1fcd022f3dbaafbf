"""Scoring a chunk of a file: its rows are decided, its parts written, its decisions stored."""

import gc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from fraudshield.batch.byte_range import Block, blocks
from fraudshield.batch.columns import RefusedRow
from fraudshield.batch.count import count
from fraudshield.batch.format import FileFormat
from fraudshield.batch.job import JobFile
from fraudshield.batch.plan import Plan, PlannedChunk, folder
from fraudshield.batch.port import Files, JobStore
from fraudshield.batch.reading import Repeats, parse
from fraudshield.batch.result import (
    REJECTS,
    SCORED,
    UNSTORED,
    ChunkCheckpoint,
    Parts,
    ScoredLines,
    checkpoint_key,
    find_checkpoint,
    part_name,
    reject_lines,
)
from fraudshield.batch.tally import Tally
from fraudshield.batch.verdict import Judge, Margins
from fraudshield.errors import ModelRefused
from fraudshield.predictor.predictor import ModelPredictor
from fraudshield.scoring.decision import ScoredTransaction
from fraudshield.text.gzip_text import gunzip

Keep = Callable[[Sequence[ScoredTransaction]], Tally]  # stores decisions; counts the new, the known and the conflicting
TimeCheck = Callable[[], None]  # raises when there is no time for another block


@dataclass(frozen=True, slots=True)
class ChunkScorer:
    """Scores chunks of one job. `origin` names the file and its version; ids of rows that have none start with it."""

    format: FileFormat
    judge: Judge
    origin: str
    keep: Keep
    check_time: TimeCheck = lambda: None

    def score(self, stream: Iterable[bytes], offset: int, scored: Parts, rejects: Parts) -> Tally:
        """Scores the whole stream, which begins at byte `offset` of the text. A repeated call writes the same bytes.

        A refused row's line is counted in this chunk, from 1.
        """
        tally, repeats, written = Tally(), Repeats(), ScoredLines(self.judge)
        with _no_garbage_collection():
            for block in blocks(stream, self.format.line_end, offset):
                self.check_time()
                tally += self._block(block, tally.lines, repeats, written, scored, rejects)
        scored.close()
        rejects.close()
        return tally

    def _block(
        self, block: Block, before: int, repeats: Repeats, written: ScoredLines, scored: Parts, rejects: Parts
    ) -> Tally:
        parsed = parse(block, self.format.line_end, self.format.header)
        rows, repeated = repeats.refuse(parsed.rows)
        refused = sorted([*parsed.refused, *repeated], key=lambda one: one.line)
        names = _Names(self.origin, block, self.format.line_end)
        verdicts = self.judge.judge(rows, names)
        scored.write(written.lines(rows, verdicts))
        rejects.write(reject_lines(refused, before))
        kept = self.keep(verdicts.to_store) if verdicts.to_store else Tally()
        return count(rows, verdicts, self.judge) + kept + _refusals(refused) + Tally(lines=parsed.lines)


class _Names:
    """Makes ids for the rows of a block that have none: from the file, its version and the row's byte offset."""

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


def _refusals(refused: Sequence[RefusedRow]) -> Tally:
    codes = Counter(fault.code for one in refused for fault in one.faults)
    return Tally(rows=len(refused), rejected=len(refused), faults=dict(codes))


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Turns collection off: lists of a million rows hold no cycles, and looking for some takes a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


PART_BYTES = 24 << 20  # one part for a plain chunk, which S3 then joins without our reading it
WriteUnstored = Callable[[Iterable[str]], None]  # takes the lines of decisions that could not be stored
Keeper = Callable[[Plan, int, WriteUnstored, TimeCheck], Keep]  # stores the decisions of a chunk


@dataclass(frozen=True, slots=True)
class ScoreStep:
    """The step that scores a chunk, of any job; one for a process."""

    files: Files
    jobs: JobStore
    predictor: ModelPredictor
    margins: Margins
    keeper: Keeper

    def score(self, plan: Plan, chunk: PlannedChunk, check_time: TimeCheck) -> ChunkCheckpoint:
        """Scores the chunk unless it has a checkpoint, and counts it once, also while another worker scores it.

        Raises:
            ModelRefused: another model than the plan's is deployed here.
            InvalidInput: the chunk cannot be read, and trying again does not help.
            NotFound: the file is gone.
            Unavailable: to be tried again.
        """
        checkpoint = find_checkpoint(self.files, plan.job_id, plan.plan_id, chunk.index) or self._made(
            plan, chunk, check_time
        )
        self.jobs.note_chunk(plan.job_id, plan.plan_id, chunk.index, checkpoint.progress)
        return checkpoint

    def _made(self, plan: Plan, chunk: PlannedChunk, check_time: TimeCheck) -> ChunkCheckpoint:
        if plan.model_sha256 != self.predictor.model.sha256:
            found = self.predictor.model.version
            raise ModelRefused(f"The job began with model {plan.model_version}, {found} has been deployed since")
        judge = Judge(self.predictor, self.margins, plan.policy, plan.received_at, plan.decided_at, plan.store)
        scored, rejects, unstored = (self._parts(plan, chunk, kind) for kind in (SCORED, REJECTS, UNSTORED))
        keep = self.keeper(plan, chunk.index, unstored.write, check_time)
        scorer = ChunkScorer(plan.format, judge, plan.origin, keep, check_time)
        offset = plan.body if plan.gzip else chunk.start
        tally = scorer.score(self._text(plan, chunk), offset, scored, rejects)
        unstored.close()
        checkpoint = ChunkCheckpoint(
            index=chunk.index,
            chunk_bytes=plan.size if plan.gzip else chunk.end - chunk.start,
            tally=tally,
            scored=tuple(scored.sizes),
            rejects=tuple(rejects.sizes),
            unstored=tuple(unstored.sizes),
        )
        self.files.put(checkpoint_key(plan.job_id, plan.plan_id, chunk.index), checkpoint.model_dump_json().encode())
        return checkpoint

    def _text(self, plan: Plan, chunk: PlannedChunk) -> Iterable[bytes]:
        """The bytes of the chunk's rows; of a gzip all bytes after the header, unpacked as they are read."""
        if chunk.start == chunk.end:
            return ()
        file = JobFile(plan.bucket, plan.key, plan.version, plan.size, plan.received_at)
        stream = self.files.stream(file, chunk.start, chunk.end)
        return _behind(plan.body, gunzip(stream)) if plan.gzip else stream

    def _parts(self, plan: Plan, chunk: PlannedChunk, kind: str) -> Parts:
        beside = folder(plan.job_id, plan.plan_id)

        def put(number: int, content: bytes) -> None:
            self.files.put(beside + part_name(kind, chunk.index, number), content)

        return Parts(put, PART_BYTES)


def _behind(skipped: int, stream: Iterable[bytes]) -> Iterator[bytes]:
    """Yields the stream without its first bytes."""
    for block in stream:
        if skipped < len(block):
            yield block[skipped:] if skipped else block
        skipped = max(0, skipped - len(block))
