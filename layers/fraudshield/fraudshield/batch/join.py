"""The last step of a job: its parts are joined to two files, its counts to one summary, and the job is completed."""

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from fraudshield.analytics.series import UNDECIDED
from fraudshield.batch.job import REJECTS_FILE, SCORED_FILE, SUMMARY_FILE, UNSTORED_FILE, Job, JobProgress
from fraudshield.batch.plan import Plan, folder
from fraudshield.batch.port import Files, JobEnd, JobStore, JobSummaries
from fraudshield.batch.result import (
    REJECTS,
    REJECTS_HEADER,
    SCORED,
    UNSTORED,
    UNSTORED_HEADER,
    ChunkCheckpoint,
    find_checkpoint,
    flagged,
    header_line,
)
from fraudshield.batch.tally import Summary, Tally, added
from fraudshield.errors import ChunksFailed, FilesUnavailable, JobEnded
from fraudshield.policy.policy import Outcome

READERS = 16
SHOWN_FAILURES = 3


@dataclass(frozen=True, slots=True)
class JoinStep:
    """The step that completes a job. It may be repeated: the same parts make the same files, and are counted once."""

    jobs: JobStore
    files: Files
    summaries: JobSummaries
    now: Callable[[], datetime]

    def run(self, plan: Plan) -> Job:
        """Joins the parts, counts them and completes the job; returns the job.

        Raises:
            ChunksFailed: not all chunks have ended; the message says which and why.
            JobEnded: the job has failed or was cancelled.
            Unavailable: to be tried again.
        """
        job = self.jobs.find(plan.job_id)
        if job.ended and job.status != "completed":
            raise JobEnded(f"The job is {job.status}")
        checkpoints = self._checkpoints(plan)
        tally = added(one.tally for one in checkpoints)
        self._join(plan, checkpoints, SCORED, job.result_key(SCORED_FILE), header_line(plan.names))
        self._join(plan, checkpoints, REJECTS, job.result_key(REJECTS_FILE), REJECTS_HEADER)
        if tally.unstored:
            self._join(plan, checkpoints, UNSTORED, job.result_key(UNSTORED_FILE), UNSTORED_HEADER)
        self.files.put(job.result_key(SUMMARY_FILE), _summary(plan, tally))
        self.summaries.add(Summary(plan.job_id, plan.model_version or UNDECIDED, tally))
        progress = JobProgress(len(checkpoints), plan.size, tally.rows, tally.rejected, flagged(tally))
        ended, _ = self.jobs.end(plan.job_id, JobEnd("completed", self.now(), progress, results(tally)))
        return ended

    def _checkpoints(self, plan: Plan) -> list[ChunkCheckpoint]:
        find = partial(find_checkpoint, self.files, plan.job_id, plan.plan_id)
        with ThreadPoolExecutor(READERS) as readers:
            found = list(readers.map(find, range(len(plan.chunks))))
        if missing := [index for index, one in enumerate(found) if one is None]:
            raise ChunksFailed(self._why(plan, missing))
        return [one for one in found if one is not None]

    def _why(self, plan: Plan, missing: Sequence[int]) -> str:
        reasons = self.jobs.failures(plan.job_id, plan.plan_id)
        told = [
            f"bytes {start:,} to {end:,}: {reasons.get(index, 'it did not end')}"
            for index, (start, end) in ((index, plan.chunks[index]) for index in missing[:SHOWN_FAILURES])
        ]
        return f"{len(missing)} of {len(plan.chunks)} chunks failed. " + "; ".join(told)

    def _join(self, plan: Plan, checkpoints: Sequence[ChunkCheckpoint], kind: str, key: str, head: str) -> None:
        """Writes the whole file, or leaves it as it was. The line numbers of rejects become those of the file."""
        beside, lines = folder(plan.job_id, plan.plan_id), 1
        writer = self.files.writer(key)
        try:
            writer.write(head.encode())
            for one in checkpoints:
                parts = [(beside + name, size) for name, size in one.parts(kind)]
                if kind != REJECTS:
                    for name, size in parts:
                        writer.append(name, size)
                else:
                    for text in self._renumbered([name for name, _ in parts], lines):
                        writer.write(text)
                lines += one.tally.lines
            writer.close()
        except BaseException:
            writer.abandon()
            raise

    def _renumbered(self, names: Sequence[str], before: int) -> Iterator[bytes]:
        """Yields the lines of these parts, each number `before` higher. No line has a line end within."""
        held = b""
        for name in names:
            *lines, held = (held + self._part(name)).split(b"\n")
            yield b"".join(_moved(line, before) for line in lines)

    def _part(self, name: str) -> bytes:
        content = self.files.get(name)
        if content is None:
            raise FilesUnavailable(f"A part is not there: {name.rsplit('/', 2)[-1]}")
        return content


def results(tally: Tally) -> dict[str, int]:
    """The counts of rows that the API shows of a job."""
    total = tally.total
    outcomes = {f"{outcome}_count": int(total.get(f"outcome.{outcome}", 0)) for outcome in Outcome}
    return {
        "high_risk_count": flagged(tally),
        **outcomes,
        "rows": tally.rows,
        "scored": tally.scored,
        "rejected": tally.rejected,
        "stored": tally.stored,
        "known": tally.known,
        "conflicts": tally.conflicts,
        "erased": tally.erased,
        "unstored": tally.unstored,
    }


def _moved(line: bytes, before: int) -> bytes:
    number, _, rest = line.partition(b",")
    return b"%d,%s\n" % (int(number) + before, rest)


def _summary(plan: Plan, tally: Tally) -> bytes:
    told = {
        "job_id": plan.job_id,
        "model_version": plan.model_version,
        "policy_version": plan.policy.version,
        "decided_at": plan.decided_at.isoformat().replace("+00:00", "Z"),
        **json.loads(tally.model_dump_json()),
        "total": {name: format(value, "f") for name, value in tally.total.items()},
    }
    return (json.dumps(told, indent=1) + "\n").encode()
