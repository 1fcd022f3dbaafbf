"""How the command looks: what is printed where, and what strange text is turned into."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import IO

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from fraudshield.errors import Fault
from fraudshield.policy.policy import Outcome
from fraudshield.transaction.built_in import BuiltInTransaction

STYLE = {Outcome.APPROVE: "green", Outcome.REVIEW: "yellow", Outcome.BLOCK: "bold red"}


def results() -> Console:
    """Standard output: what was asked for. Colour only on a terminal, and none where NO_COLOR is set."""
    return plain()


def remarks() -> Console:
    """Standard error: progress, refusals, the summary."""
    return plain(stderr=True)


def plain(file: IO[str] | None = None, *, stderr: bool = False) -> Console:
    """A console that prints text as it is: `:x:` and `[b]` in a file are what somebody wrote there."""
    return Console(file=file, stderr=stderr, highlight=False, markup=False, emoji=False)


def one_line(text: str) -> str:
    """`text` from a file as one line that cannot steer the terminal."""
    return "".join(c if c.isprintable() else "?" for c in " ".join(text.split()))


def say(console: Console, text: str) -> None:
    """A line as it is: not wrapped, so that it can be searched for; nothing in it is markup."""
    console.print(one_line(text), soft_wrap=True)


def complain(text: str) -> None:
    """The one line for an error."""
    say(remarks(), f"fraudshield: {text}")


def faults_text(faults: Iterable[Fault]) -> str:
    """All of them in one line, by field."""
    return "; ".join(": ".join(filter(None, (fault.pointer.lstrip("/"), fault.detail))) for fault in faults)


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """A decision as a line of a table. `label` is what the transaction truly was, where somebody knows."""

    transaction: BuiltInTransaction
    risk: float
    outcome: Outcome
    reason: str
    label: str | None = None


def foremost(reasons: Iterable[tuple[str | None, str]]) -> str:
    """Of features and texts the first text; the type's only if there is no other, for it has a column of its own."""
    return next((text for _, text in sorted(reasons, key=lambda reason: reason[0] == "type")), "")


def decisions(lines: Sequence[DecisionLine]) -> Table:
    """A table of them, in the order given."""
    columns = [
        Column("id", overflow="fold"),
        Column("type"),
        Column("amount", justify="right"),
        Column("risk", justify="right"),
        Column("decision"),
        Column("reason, beside the type", ratio=1),
    ]
    labelled = any(line.label is not None for line in lines)
    table = Table(*columns, *([Column("truth")] if labelled else []), box=None, padding=(0, 1, 0, 0))
    for line in lines:
        label = [Text(line.label or "", style="red" if line.label == "fraud" else "")] if labelled else []
        table.add_row(
            Text(one_line(line.transaction.transaction_id)),
            Text(line.transaction.type),
            Text(f"{line.transaction.amount:,.2f}"),
            Text(f"{line.risk:.4f}"),
            Text(line.outcome.value, style=STYLE[line.outcome]),
            Text(one_line(line.reason)),
            *label,
        )
    return table


def tolerate_any_encoding() -> None:
    """A terminal that cannot show a character gets a question mark, not a crash."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
