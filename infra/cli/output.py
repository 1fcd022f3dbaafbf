"""Where scored rows go: JSON lines, CSV, or a table of the riskiest. Each takes rows as they come and keeps few."""

import csv
import heapq
from collections.abc import Sequence
from typing import Protocol, TextIO

from rich.console import Console

from fraudshield.batch.header import renamed
from fraudshield.errors import Fault
from fraudshield.policy.policy import Outcome
from fraudshield.scoring import response as scoring_response
from fraudshield.scoring.decision import Decision, ScoredTransaction
from fraudshield.scoring.request import Rejected
from fraudshield.scoring.response import Entry, entries
from fraudshield.text.csv_cell import safe
from fraudshield.text.json_text import readable_json
from fraudshield.transaction.built_in import BuiltInTransaction
from infra.cli import terminal
from infra.cli.transaction_file import TransactionRow

RISKIEST = 20
ADDED = ("risk", "prediction", "decision", "decision_source", "model_version", "reasons", "error")

Result = ScoredTransaction | tuple[Fault, ...]


class Output(Protocol):
    """Takes every row of a file, in its order."""

    def add(self, row: TransactionRow, result: Result) -> None:
        """One row with its decision, or with what is wrong with it."""

    def end(self) -> None:
        """No row comes any more."""


class JsonLines:
    """One object a line: the API's own entry, with the row's line and, in `columns`, what no transaction has."""

    def __init__(self, file: TextIO, header: Sequence[str]) -> None:
        self._file = file
        self._header = _told_apart(header)

    def add(self, row: TransactionRow, result: Result) -> None:
        """Written at once."""
        cells = dict(zip(self._header, row.cells, strict=False))  # a refused row may have too few or too many
        columns = {name: cell for name, cell in cells.items() if name not in BuiltInTransaction.model_fields}
        entry = _entry(result, cells.get("transaction_id"))
        self._file.write(readable_json({"line": row.line, **entry, "columns": columns}, only_ascii=True) + "\n")

    def end(self) -> None:
        """Nothing is left to write."""


class CsvRows:
    """The file's own columns as they were, then ours; a column of the file that is called like ours gets `input_`."""

    def __init__(self, file: TextIO, header: Sequence[str]) -> None:
        self._writer = csv.writer(file, lineterminator="\n")
        self._width = len(header)
        self._writer.writerow([safe(name) for name in (*renamed(header, ADDED), *ADDED)])

    def add(self, row: TransactionRow, result: Result) -> None:
        """Written at once; a refused row keeps its cells and says why in `error`."""
        cells = [*row.cells, *[""] * self._width][: self._width]
        self._writer.writerow([safe(cell) for cell in (*cells, *_added(result))])

    def end(self) -> None:
        """Nothing is left to write."""


class RiskiestTable:
    """The flagged ones with the highest risks; of equal risks the first come."""

    def __init__(self, console: Console, limit: int = RISKIEST) -> None:
        self._console = console
        self._limit = limit
        self._kept: list[tuple[float, int, terminal.DecisionLine]] = []
        self._flagged = 0

    def add(self, row: TransactionRow, result: Result) -> None:
        """Keeps it while it is among the riskiest."""
        if not isinstance(result, ScoredTransaction) or result.decision.outcome is Outcome.APPROVE:
            return
        self._flagged += 1
        if isinstance(row.content, BuiltInTransaction):
            line = _line(row.content, result.decision)
            heapq.heappush(self._kept, (line.risk, -row.line, line))
        if len(self._kept) > self._limit:
            heapq.heappop(self._kept)

    def end(self) -> None:
        """Prints them."""
        if not self._kept:
            terminal.say(self._console, "Nothing is flagged.")
            return
        highest = sorted(self._kept, key=lambda kept: (-kept[0], -kept[1]))
        self._console.print(terminal.decisions([line for _, _, line in highest]))
        if self._flagged > len(highest):
            terminal.say(self._console, f"and {self._flagged - len(highest):,} more; --format json or csv has them all")


def _told_apart(names: Sequence[str]) -> list[str]:
    """Calls the second column of a name `name_2`, so that no cell is lost where each name stands once."""
    found: list[str] = []
    for name in names:
        new, number = name, 2
        while new in found or (new != name and new in names):
            new, number = f"{name}_{number}", number + 1
        found.append(new)
    return found


def _line(sent: BuiltInTransaction, decision: Decision) -> terminal.DecisionLine:
    why = terminal.foremost((reason.feature, reason.text) for reason in decision.reasons)
    return terminal.DecisionLine(sent, decision.risk or 0.0, decision.outcome, why)


def _entry(result: Result, transaction_id: str | None) -> Entry:
    if isinstance(result, ScoredTransaction):
        return scoring_response.entry(result.decision, persisted=False)
    return next(entries([Rejected(transaction_id, result)], []))


def _added(result: Result) -> tuple[str, ...]:
    if not isinstance(result, ScoredTransaction):
        return (*[""] * (len(ADDED) - 1), terminal.faults_text(result))
    made = result.decision
    reasons = "; ".join(reason.text for reason in made.reasons)
    return (
        str(made.risk),
        str(made.prediction),
        made.outcome.value,
        made.source,
        made.model_version or "",
        reasons,
        "",
    )
