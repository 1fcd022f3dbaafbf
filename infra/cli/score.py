"""`fraudshield score`: a file's rows through the model, one after the other."""

import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import UnsupportedOperation
from pathlib import Path
from typing import BinaryIO, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from fraudshield.policy.owner import PAYMENT
from fraudshield.policy.policy import Outcome
from fraudshield.scoring.scoring import Scorer
from fraudshield.transaction.built_in import BuiltInTransaction
from infra.cli import terminal
from infra.cli.format import Format
from infra.cli.output import CsvRows, JsonLines, Output, Result, RiskiestTable
from infra.cli.transaction_file import TransactionFile, TransactionRow

REFUSALS_SHOWN = 20
EVERY = 500  # rows between two looks at how far the file is read


@dataclass(slots=True)
class ScoreTally:
    """What became of a file's rows."""

    model_version: str
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    refused: int = 0
    started: float = field(default_factory=time.perf_counter)

    @property
    def rows(self) -> int:
        """All of them."""
        return self.outcomes.total() + self.refused

    def line(self) -> str:
        """The summary."""
        review, block = self.outcomes[Outcome.REVIEW], self.outcomes[Outcome.BLOCK]
        rate = self.rows / max(time.perf_counter() - self.started, 1e-6)
        return (
            f"{self.rows:,} rows: {review + block:,} flagged ({block:,} block, {review:,} review), "
            f"{self.refused:,} refused; {rate:,.0f} rows/s; model {self.model_version}"
        )


def same_file(file: BinaryIO, out: Path) -> bool:
    """Whether writing to `out` would replace what is read."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), out.stat())
    except (FileNotFoundError, UnsupportedOperation):
        return False


def score(file: BinaryIO, name: str, wanted: Format | None, out: Path | None, scorer: Scorer) -> ScoreTally:
    """Read, decide, write; the memory it takes does not grow with the file.

    With `out` the file appears whole, or not at all where something stops the run.

    Raises:
        Malformed: the file cannot be read; what was written before to standard output stands there.
    """
    source = TransactionFile(file, name)
    tally = ScoreTally(scorer.predictors.of(PAYMENT).facts.model_version)
    with _destination(out) as written:
        output = _output(_format(wanted, out), written, source)
        remarks = terminal.remarks()
        quiet = not remarks.is_terminal or (written.isatty() and not isinstance(output, RiskiestTable))
        with _progress(file, remarks, quiet) as advance:
            for number, (row, result) in enumerate(_results(source, scorer)):
                _count(tally, row, result, remarks)
                output.add(row, result)
                if number % EVERY == 0:
                    advance()
        output.end()
    if tally.refused > REFUSALS_SHOWN:
        terminal.say(
            remarks, f"and {tally.refused - REFUSALS_SHOWN:,} more refused; --format json or csv names them all"
        )
    terminal.say(remarks, tally.line())
    return tally


def _results(source: TransactionFile, scorer: Scorer) -> Iterator[tuple[TransactionRow, Result]]:
    for row in source:
        yield row, scorer.decide([row.content])[0] if isinstance(row.content, BuiltInTransaction) else row.content


def _count(tally: ScoreTally, row: TransactionRow, result: Result, remarks: Console) -> None:
    if not isinstance(result, tuple):
        tally.outcomes[result.decision.outcome] += 1
        return
    tally.refused += 1
    if tally.refused <= REFUSALS_SHOWN:
        terminal.say(remarks, f"line {row.line}: {terminal.faults_text(result)}")


def _format(wanted: Format | None, out: Path | None) -> Format:
    if wanted is not None:
        return wanted
    if out is not None:
        return Format.CSV if out.suffix.lower() == ".csv" else Format.JSON
    return Format.TABLE if sys.stdout.isatty() else Format.JSON


def _output(form: Format, written: TextIO, source: TransactionFile) -> Output:
    if form is Format.TABLE:
        return RiskiestTable(terminal.plain(written))
    return JsonLines(written, source.header) if form is Format.JSON else CsvRows(written, source.header)


@contextmanager
def _destination(out: Path | None) -> Iterator[TextIO]:
    """Standard output, or a file beside `out` that takes its place once it is whole."""
    if out is None:
        yield sys.stdout
        return
    whole = out.resolve()
    if whole.exists() and not whole.is_file():  # a pipe or a device, which must not be replaced
        with whole.open("w", encoding="utf-8", newline="") as written:
            yield written
        return
    part = whole.with_name(f".{whole.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as written:
            yield written
        part.replace(whole)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _progress(file: BinaryIO, console: Console, quiet: bool) -> Iterator[Callable[[], None]]:
    """How much of the file is read; of a pipe nobody knows how long it is, so it only shows that work goes on."""
    columns = (TextColumn("scoring"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=quiet) as progress:
        seekable = file.seekable()
        task = progress.add_task("", total=_size(file) if seekable else None)

        def advance() -> None:
            progress.update(task, completed=file.tell() if seekable else 0)

        yield advance


def _size(file: BinaryIO) -> int:
    at = file.tell()
    end = file.seek(0, os.SEEK_END)
    file.seek(at)
    return end
