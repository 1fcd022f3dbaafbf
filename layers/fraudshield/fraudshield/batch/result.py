"""What a chunk writes: parts of the result files, how far its decisions are stored, and what it counted."""

import csv
import io
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from fraudshield.batch.columns import Cells, RefusedRow, Rows
from fraudshield.batch.header import ADDED, renamed
from fraudshield.batch.job import JobProgress
from fraudshield.batch.plan import folder
from fraudshield.batch.port import Files
from fraudshield.batch.tally import Tally
from fraudshield.batch.verdict import Judge, Verdicts
from fraudshield.policy.policy import Outcome
from fraudshield.predictor.forest import STEPS
from fraudshield.scoring.decision import Decision
from fraudshield.text.csv_cell import FORMULA, is_formula, safe
from fraudshield.transaction.field import NUMBERS

REJECTS_HEADER = "line,field,code,reason\n"
UNSTORED_HEADER = "transaction_id,decision,code\n"
# Without any of these in a text no cell of it is a formula. A minus counts only where a cell begins.
SIGNS = (*(sign for sign in FORMULA if sign not in "-\n"), ",-", "\n-", '"-')


def header_line(names: Sequence[str]) -> str:
    """Writes the header: the input's columns, with `input_` before one that is called like ours, then ours."""
    return csv_line([safe(name) for name in (*renamed(names, ADDED), *ADDED)])


class ScoredLines:
    """Writes the rows of one job: each as it stands in the file, followed by its decision."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._common = (judge.predictor.model.version, str(judge.policy.version), ";".join(judge.degraded))
        self._approved = _Endings(self._ending)

    def lines(self, rows: Rows, verdicts: Verdicts) -> Iterable[str]:
        """Returns one line for each row, with its line end."""
        numeric = {position for position, name in enumerate(rows.header.names) if name in NUMBERS}
        texts = without_formulas(rows.texts, rows.cells, numeric)
        endings = list(map(self._approved.__getitem__, verdicts.risk_steps.tolist()))
        for at, scored in verdicts.flagged.items():
            endings[at] = self._flagged(scored.decision)
        return map(str.__add__, texts, endings)

    def _ending(self, risk: float) -> str:
        return "," + csv_line([str(risk), "0", Outcome.APPROVE.value, "", *self._common, ""])

    def _flagged(self, decision: Decision) -> str:
        reasons = "; ".join(reason.text for reason in decision.reasons)
        made = [str(decision.risk), str(decision.prediction), decision.outcome.value, reasons]
        return "," + csv_line([*made, *self._common, safe(decision.transaction_id)])


class _Endings(dict[int, str]):
    """The text that follows an approved row, by the steps of its risk; made when first needed."""

    def __init__(self, ending: Callable[[float], str]) -> None:
        self._ending = ending

    def __missing__(self, steps: int) -> str:
        self[steps] = made = self._ending(steps / STEPS)
        return made


def reject_lines(refused: Iterable[RefusedRow], before: int) -> Iterable[str]:
    """Returns one line for each fault; `before` lines of the chunk come before the block."""
    for one in refused:
        for fault in one.faults:
            reason = " ".join(fault.detail.splitlines())
            yield csv_line([str(before + one.line + 1), safe(fault.pointer.lstrip("/")), fault.code, safe(reason)])


def unstored_line(decision: Decision, code: str) -> str:
    """Returns the line of a decision that could not be stored."""
    return csv_line([safe(decision.transaction_id), decision.outcome.value, code])


def without_formulas(texts: Sequence[str], cells: Sequence[Cells], numeric: Container[int]) -> Sequence[str]:
    """Returns the rows' texts; a row in which a cell could be run as a formula is written anew.

    `numeric` are the positions of cells that hold numbers, in which a minus is none.
    """
    together = "\n" + "\n".join(texts)
    if not texts or not any(sign in together for sign in SIGNS):
        return texts
    positions = [position for position in range(len(cells[0])) if position not in numeric]
    harmless = list(texts)
    for at, row in enumerate(cells):
        if any(row[position][:1] in FORMULA for position in positions) and any(map(is_formula, row)):
            harmless[at] = csv_line([safe(cell) for cell in row])[:-1]
    return harmless


def csv_line(cells: Sequence[str]) -> str:
    """Writes a row with its line end."""
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerow(cells)
    return written.getvalue()


PART_BYTES = 8 << 20  # S3 joins parts of 5 MiB and more by itself
PutPart = Callable[[int, bytes], None]  # the number of the part, from 0, and what is in it


class Parts:
    """Collects lines; writes each part when it is full, the last at the end. The same lines make the same parts."""

    def __init__(self, put: PutPart, part_bytes: int = PART_BYTES) -> None:
        self._put = put
        self._part_bytes = part_bytes
        self._held = bytearray()
        self.sizes: list[int] = []

    def write(self, lines: Iterable[str]) -> None:
        """Adds lines with their line ends."""
        self._held += "".join(lines).encode()
        while len(self._held) >= self._part_bytes:
            self._cut(self._part_bytes)

    def close(self) -> None:
        """Writes what is left as the last part."""
        if self._held:
            self._cut(len(self._held))

    def _cut(self, length: int) -> None:
        self._put(len(self.sizes), bytes(self._held[:length]))
        self.sizes.append(length)
        del self._held[:length]


SCORED, REJECTS, UNSTORED = "scored", "rejects", "unstored"
FLAGGED = tuple(f"outcome.{outcome}" for outcome in Outcome if outcome is not Outcome.APPROVE)


class ChunkCheckpoint(BaseModel):
    """Says that a chunk has ended, and what it counted. It is written last, when all its parts are there."""

    model_config = ConfigDict(frozen=True)

    index: int
    chunk_bytes: int
    tally: Tally
    scored: tuple[int, ...]
    rejects: tuple[int, ...]
    unstored: tuple[int, ...] = ()

    @property
    def progress(self) -> JobProgress:
        """What the chunk adds to the job's progress."""
        tally = self.tally
        return JobProgress(1, self.chunk_bytes, tally.rows, tally.rejected, flagged(tally))

    def parts(self, kind: str) -> Iterator[tuple[str, int]]:
        """Yields name and size of each part of the scored rows, of the rejects or of the decisions not stored."""
        for number, size in enumerate({SCORED: self.scored, REJECTS: self.rejects, UNSTORED: self.unstored}[kind]):
            yield part_name(kind, self.index, number), size


def part_name(kind: str, index: int, number: int) -> str:
    """The name of a part, below the plan's folder."""
    return f"{kind}/{index:05d}-{number:04d}"


def checkpoint_key(job_id: str, plan_id: str, index: int) -> str:
    """The key of a chunk's checkpoint."""
    return f"{folder(job_id, plan_id)}done/{index:05d}.json"


def find_checkpoint(files: Files, job_id: str, plan_id: str, index: int) -> ChunkCheckpoint | None:
    """Reads a chunk's checkpoint; None where the chunk has not ended."""
    found = files.get(checkpoint_key(job_id, plan_id, index))
    return None if found is None else ChunkCheckpoint.model_validate_json(found)


def flagged(tally: Tally) -> int:
    """How many rows are not approved."""
    return sum(int(tally.total.get(name, 0)) for name in FLAGGED)


class StoreProgress(BaseModel):
    """How many decisions of a chunk, from its first, need not be stored again, and what was counted of them.

    `digest` is over their ids: an attempt by other code might decide other rows. `stalls` counts the attempts, one
    after the other, that stored nothing; `given_up` says that what is left is not tried any more.
    """

    model_config = ConfigDict(frozen=True)

    decisions: int = 0
    digest: str = ""
    tally: Tally = Tally()
    unstored: tuple[str, ...] = ()
    stalls: int = 0
    given_up: bool = False


@dataclass(frozen=True, slots=True)
class StoreProgressFile:
    """Where the progress of a chunk lies, beside its parts. Both methods raise FilesUnavailable."""

    files: Files
    key: str

    def read(self) -> StoreProgress:
        """Reads the progress of the attempts before this one."""
        found = self.files.get(self.key)
        return StoreProgress() if found is None else StoreProgress.model_validate_json(found)

    def write(self, progress: StoreProgress) -> None:
        """Writes the progress."""
        self.files.put(self.key, progress.model_dump_json().encode())


def progress_key(job_id: str, plan_id: str, index: int) -> str:
    """The key of a chunk's progress."""
    return f"{folder(job_id, plan_id)}stored/{index:05d}.json"
