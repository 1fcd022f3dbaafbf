"""What a chunk leaves behind when it has ended: what it counted, and the sizes of the parts that it wrote."""

from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict

from fraudshield.batch.job import Progress
from fraudshield.batch.plan import folder
from fraudshield.batch.tally import Tally
from fraudshield.policy import Outcome
from fraudshield.ports import Files

SCORED, REJECTS = "scored", "rejects"
FLAGGED = tuple(f"outcome.{outcome}" for outcome in Outcome if outcome is not Outcome.APPROVE)


class Done(BaseModel):
    """Written last, so that all parts are there when it is."""

    model_config = ConfigDict(frozen=True)

    index: int
    chunk_bytes: int
    tally: Tally
    scored: tuple[int, ...]
    rejects: tuple[int, ...]

    @property
    def progress(self) -> Progress:
        """What the job's progress grows by."""
        tally = self.tally
        return Progress(1, self.chunk_bytes, tally.rows, tally.rejected, flagged(tally))

    def parts(self, kind: str) -> Iterator[tuple[str, int]]:
        """Name and size of each part of the scored rows or of the rejects."""
        for number, size in enumerate(self.scored if kind == SCORED else self.rejects):
            yield part_name(kind, self.index, number), size


def part_name(kind: str, index: int, number: int) -> str:
    """Below the plan's folder."""
    return f"{kind}/{index:05d}-{number:04d}"


def done_key(job_id: str, plan_id: str, index: int) -> str:
    """Where it lies."""
    return f"{folder(job_id, plan_id)}done/{index:05d}.json"


def find_done(files: Files, job_id: str, plan_id: str, index: int) -> Done | None:
    """None where the chunk has not ended."""
    found = files.get(done_key(job_id, plan_id, index))
    return None if found is None else Done.model_validate_json(found)


def flagged(tally: Tally) -> int:
    """Rows that are not to approve."""
    return sum(int(tally.total.get(name, 0)) for name in FLAGGED)
