"""What the demo prints: its progress, what was caught, what it cost, what nobody can know, and what to type next."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from fraudshield.policy.policy import Outcome
from infra.cli import terminal
from infra.cli.demo import Demo
from infra.cli.theft import Scored, Theft, amount_of, thefts

NEXT = (
    ("make up", "serve it, with keys"),
    (".venv/bin/fraudshield score events/transactions.csv", "then your own CSV"),
    (".venv/bin/fraudshield explain events/transaction.json", "why it decides so"),
)


@dataclass(frozen=True, slots=True)
class Progress:
    """A line for whatever begins, with the seconds since `started` (of `time.perf_counter()`)."""

    console: Console
    started: float

    def tell(self, what: str) -> None:
        """Print it now: somebody waits."""
        self.console.print(Text(f"{time.perf_counter() - self.started:5.1f} s  {what}", style="dim"))


def opening(console: Console) -> None:
    """Before anything is done."""
    console.print("Nothing leaves this machine: the API of template.yaml answers on 127.0.0.1.\n", style="dim")


def show(demo: Demo, console: Console) -> None:
    """What came of it, from top to bottom."""
    found = thefts(demo.scored)
    console.print()
    _one(demo, console)
    _head(console, f"{_count(len(demo.scored), 'simulated payment')}, {_count(len(found), 'theft')} among them")
    console.print(_table(sorted(found, key=lambda theft: not theft.caught)))
    console.print(_caught(found), style="green")
    console.print(_missed(found))
    console.print(_price(demo.scored))
    console.print(_parked(demo))
    for cause in sorted({cause for one in (demo.first, *demo.scored) for cause in one.entry["degraded"]}):
        console.print(f"Degraded: {cause}. The log says why.", style="bold yellow")
    console.print(_time(demo), style="dim")
    console.print()
    _head(console, "What can be known, and what cannot")
    console.print(_known(demo.scored))
    console.print()


def closing(console: Console) -> None:
    """What to type next."""
    console.print()
    width = max(len(command) for command, _ in NEXT)
    for at, (command, why) in enumerate(NEXT):
        console.print(
            Text.assemble("      " if at else "next: ", (command.ljust(width), "bold"), f"  {why}"), soft_wrap=True
        )


def _head(console: Console, what: str) -> None:
    console.print(Text(what, style="bold"))


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _one(demo: Demo, console: Console) -> None:
    sent = demo.first.sent.transaction
    decided = (demo.first.outcome.value, terminal.STYLE[demo.first.outcome])
    head = (f"{sent.type} of {sent.amount:,.2f}", "bold")
    console.print(Text.assemble(head, f" ({terminal.one_line(sent.transaction_id)}, the README's): ", decided))
    console.print(_replay(demo), style="green" if demo.replayed else "bold red")
    console.print(_refusal(demo), style="green" if demo.refusal.status == 403 else "bold red")
    console.print()


def _replay(demo: Demo) -> str:
    if demo.replayed:
        return "Sent once more: the same bytes come back. The first decision stands."
    return "Sent once more: ANOTHER ANSWER CAME BACK."


def _refusal(demo: Demo) -> str:
    if demo.refusal.status == 403:
        return f"Sent without a key: 403, {demo.refusal.code}."
    return f"Sent without a key: {demo.refusal.status}, THOUGH IT SHOULD BE REFUSED."


def _table(found: Sequence[Theft]) -> Table:
    """A line for each theft: what was decided on the payment that took the money."""
    columns = (
        Column("theft"),
        Column("amount", justify="right"),
        Column("risk", justify="right"),
        Column("decision"),
        Column("reason", ratio=1),
    )
    table = Table(*columns, box=None, padding=(0, 1, 0, 0))
    for theft in found:
        shown = next((one for one in theft.payments if one.flagged), theft.first)
        transaction = shown.sent.transaction
        said = terminal.foremost((reason["feature"], reason["text"]) for reason in shown.entry["reasons"])
        why = said or ("-" if theft.begins_here else f"{transaction.type} without a transfer in the file")
        table.add_row(
            Text(terminal.one_line(transaction.transaction_id)),
            Text(f"{transaction.amount:,.2f}"),
            Text(f"{shown.risk:.4f}"),
            Text(shown.outcome.value, style=terminal.STYLE[shown.outcome]),
            Text(terminal.one_line(why)),
        )
    return table


def _caught(found: Sequence[Theft]) -> str:
    caught = [theft for theft in found if theft.caught]
    in_time = sum(theft.in_time for theft in caught)
    return (
        f"Caught: {len(caught)} of {_count(len(found), 'theft')}, {amount_of(caught):,.2f} of "
        f"{amount_of(found):,.2f} in money; {in_time} before the money had left the account."
    )


def _missed(found: Sequence[Theft]) -> str:
    missed = [theft for theft in found if not theft.caught]
    if not missed:
        return "Missed: none."
    begun_before = sum(not theft.begins_here for theft in missed)
    why = (
        f" Of {begun_before} of them the file has only a cash-out, which looks like anybody's." if begun_before else ""
    )
    return f"Missed: {len(missed)}, {amount_of(missed):,.2f} in money.{why}"


def _price(scored: Sequence[Scored]) -> str:
    genuine = [one for one in scored if not one.sent.fraud]
    flagged = [one for one in genuine if one.flagged]
    blocked = sum(one.outcome is Outcome.BLOCK for one in flagged)
    money = sum((one.sent.transaction.amount for one in flagged), Decimal(0))
    return (
        f"The price: {len(flagged)} of {_count(len(genuine), 'genuine payment')} flagged too, {money:,.2f} in money; "
        f"{len(flagged) - blocked} of them to review, {blocked} blocked."
    )


def _parked(demo: Demo) -> str:
    decisions = 1 + len(demo.scored)
    if not demo.parked:
        return f"Parked: none. The store took each of the {decisions:,} decisions before it was answered."
    waiting = decisions - demo.stored
    rest = f"{waiting:,} of them wait there still" if waiting > 0 else f"all {demo.stored:,} are in the table now"
    return (
        f"Parked: {demo.parked:,} of {decisions:,} decisions. The store had not taken them when their answer was due, "
        f"so they were answered with persisted: false and went through a queue; {rest}."
    )


def _time(demo: Demo) -> str:
    rows, took = len(demo.scored), demo.took
    more = max(took.kept - took.decided, 0.0)
    return (
        f"Deciding {rows:,} payments took {took.decided:.2f} s ({1000 * took.decided / rows:.2f} ms each), "
        f"keeping them {more:.1f} s more."
    )


def _known(scored: Sequence[Scored]) -> str:
    blocked = sum(one.outcome is Outcome.BLOCK for one in scored)
    approved = sum(one.outcome is Outcome.APPROVE for one in scored)
    return (
        "These payments are simulated, so the file says what each truly was; the model never reads that. Of yours it "
        f"is learned later, as labels: for the {approved:,} approved from chargebacks, weeks after, for those under "
        f"review from whoever looks. What the {blocked} blocked would have been nobody learns, since they do not "
        "happen. Figures on your payments count what has a label, and say how much has none."
    )
