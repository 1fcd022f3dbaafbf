"""Scoring a chunk of a file: its rows are decided, its parts written, its decisions stored."""

import gc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from fraudshield.batch.block_scorer import BlockScorer
from fraudshield.batch.byte_range import Block, blocks
from fraudshield.batch.columns import RefusedRow
from fraudshield.batch.job import JobFile
from fraudshield.batch.plan import Plan, PlannedChunk, folder
from fraudshield.batch.port import Files, JobStore
from fraudshield.batch.result import (
    REJECTS,
    SCORED,
    UNSTORED,
    ChunkCheckpoint,
    Parts,
    checkpoint_key,
    find_checkpoint,
    part_name,
    reject_lines,
)
from fraudshield.batch.tally import Tally
from fraudshield.scoring.decision import ScoredTransaction
from fraudshield.text.gzip_text import gunzip

Keep = Callable[[Sequence[ScoredTransaction]], Tally]  # stores decisions; counts the new, the known and the conflicting
TimeCheck = Callable[[], None]  # raises when there is no time for another block


@dataclass(frozen=True, slots=True)
class ChunkScorer:
    """Scores the chunks of one job, block by block."""

    line_end: bytes
    blocks: BlockScorer
    keep: Keep
    check_time: TimeCheck = lambda: None

    def score(self, stream: Iterable[bytes], offset: int, scored: Parts, rejects: Parts) -> Tally:
        """Scores the whole stream, which begins at byte `offset` of the text. A repeated call writes the same bytes.

        A refused row's line is counted in this chunk, from 1.
        """
        tally = Tally()
        with _no_garbage_collection():
            for block in blocks(stream, self.line_end, offset):
                self.check_time()
                tally += self._block(block, tally.lines, scored, rejects)
        scored.close()
        rejects.close()
        return tally

    def _block(self, block: Block, before: int, scored: Parts, rejects: Parts) -> Tally:
        found = self.blocks.score(block)
        scored.write(found.written)
        rejects.write(reject_lines(found.refused, before))
        kept = self.keep(found.to_store) if found.to_store else Tally()
        return found.tally + kept + _refusals(found.refused) + Tally(lines=found.lines)


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
# Of a chunk, by its index; raises ModelRefused: another model than the plan's is deployed here.
BlocksOf = Callable[[Plan, int], BlockScorer]


@dataclass(frozen=True, slots=True)
class ScoreStep:
    """The step that scores a chunk, of any job; one for a process."""

    files: Files
    jobs: JobStore
    blocks: BlocksOf
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
        scored, rejects, unstored = (self._parts(plan, chunk, kind) for kind in (SCORED, REJECTS, UNSTORED))
        keep = self.keeper(plan, chunk.index, unstored.write, check_time)
        scorer = ChunkScorer(plan.line_end.encode(), self.blocks(plan, chunk.index), keep, check_time)
        tally = scorer.score(text_of(self.files, plan, chunk), offset_of(plan, chunk), scored, rejects)
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

    def _parts(self, plan: Plan, chunk: PlannedChunk, kind: str) -> Parts:
        beside = folder(plan.job_id, plan.plan_id)

        def put(number: int, content: bytes) -> None:
            self.files.put(beside + part_name(kind, chunk.index, number), content)

        return Parts(put, PART_BYTES)


def offset_of(plan: Plan, chunk: PlannedChunk) -> int:
    """The byte of the text at which the chunk's first row starts."""
    return plan.body if plan.gzip else chunk.start


def text_of(files: Files, plan: Plan, chunk: PlannedChunk) -> Iterable[bytes]:
    """The bytes of the chunk's rows; of a gzip all bytes after the header, unpacked as they are read."""
    if chunk.start == chunk.end:
        return ()
    file = JobFile(plan.bucket, plan.key, plan.version, plan.size, plan.received_at)
    stream = files.stream(file, chunk.start, chunk.end)
    return _behind(plan.body, gunzip(stream)) if plan.gzip else stream


def _behind(skipped: int, stream: Iterable[bytes]) -> Iterator[bytes]:
    """Yields the stream without its first bytes."""
    for block in stream:
        if skipped < len(block):
            yield block[skipped:] if skipped else block
        skipped = max(0, skipped - len(block))
