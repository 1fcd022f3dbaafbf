"""One chunk of a job, from the object's bytes to its parts: what has been done already is not done again."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from fraudshield.batch.chunk import Alive, Chunk, Keep
from fraudshield.batch.done import REJECTS, SCORED, Done, done_key, find_done, part_name
from fraudshield.batch.gunzip import gunzip
from fraudshield.batch.job import JobFile
from fraudshield.batch.part import Parts
from fraudshield.batch.plan import Plan, PlannedChunk, folder
from fraudshield.batch.verdict import Judge, Margins
from fraudshield.errors import ModelRefused
from fraudshield.ports import Files, JobStore
from fraudshield.predictor import ModelPredictor

PART_BYTES = 24 << 20  # one part for a plain chunk, which S3 then joins without our reading it

Keeper = Callable[[Plan, int], Keep]  # stores the decisions of a chunk


@dataclass(frozen=True, slots=True)
class ChunkWork:
    """Scores chunks of whatever job, in one process."""

    files: Files
    jobs: JobStore
    predictor: ModelPredictor
    margins: Margins
    keeper: Keeper

    def score(self, plan: Plan, chunk: PlannedChunk, alive: Alive) -> Done:
        """The chunk's parts are there and it is counted, once, whoever else is at it.

        Raises:
            ModelRefused: another model than the plan's is deployed here.
            InvalidInput: the chunk cannot be read, and trying again does not help.
            NotFound: the file is gone.
            Unavailable: to be tried again.
        """
        done = find_done(self.files, plan.job_id, plan.plan_id, chunk.index) or self._made(plan, chunk, alive)
        self.jobs.note_chunk(plan.job_id, plan.plan_id, chunk.index, done.progress)
        return done

    def _made(self, plan: Plan, chunk: PlannedChunk, alive: Alive) -> Done:
        if plan.model_sha256 != self.predictor.model.sha256:
            found = self.predictor.model.version
            raise ModelRefused(f"The job began with model {plan.model_version}, {found} has been deployed since")
        judge = Judge(self.predictor, self.margins, plan.policy, plan.received_at, plan.decided_at, plan.store)
        scorer = Chunk(plan.form, judge, plan.origin, self.keeper(plan, chunk.index), alive)
        scored, rejects = self._parts(plan, chunk, SCORED), self._parts(plan, chunk, REJECTS)
        offset = plan.body if plan.gzip else chunk.start
        tally = scorer.score(self._text(plan, chunk), offset, scored, rejects)
        done = Done(
            index=chunk.index,
            chunk_bytes=plan.size if plan.gzip else chunk.end - chunk.start,
            tally=tally,
            scored=tuple(scored.sizes),
            rejects=tuple(rejects.sizes),
        )
        self.files.put(done_key(plan.job_id, plan.plan_id, chunk.index), done.model_dump_json().encode())
        return done

    def _text(self, plan: Plan, chunk: PlannedChunk) -> Iterable[bytes]:
        """The chunk's rows as they stand in the file; of a gzip all behind the header, unpacked as it goes."""
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
    """The stream without its first bytes."""
    for block in stream:
        if skipped < len(block):
            yield block[skipped:] if skipped else block
        skipped = max(0, skipped - len(block))
