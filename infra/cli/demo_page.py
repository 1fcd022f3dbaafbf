"""What the demo prints."""

from collections import Counter

from rich.console import Console
from rich.text import Text

from fraudshield.policy.policy import Outcome
from infra.cli import terminal
from infra.cli.demo import Demo, Scored, Took

RISKIEST = 10


def opening(console: Console) -> None:
    """Before anything is done."""
    console.print("Nothing leaves this machine: the API of template.yaml answers on 127.0.0.1.\n", style="dim")


def show(demo: Demo, console: Console) -> None:
    """What was done, from top to bottom."""
    _head(console, "The payment of the README", f"to {demo.url} with a key")
    console.print(terminal.decisions([_line(demo.first)]))
    console.print(_replay(demo), style="green" if demo.replayed else "bold red")
    console.print(_refusal(demo), style="green" if demo.refusal.status == 403 else "bold red")
    console.print()
    _head(
        console, f"{len(demo.scored):,} simulated payments", f"in {demo.requests} calls; the riskiest of those flagged"
    )
    flagged = sorted((one for one in demo.scored if _outcome(one) is not Outcome.APPROVE), key=_descending)
    console.print(terminal.decisions([_line(one, _truth(one)) for one in flagged[:RISKIEST]]))
    console.print()
    console.print(_counts(demo, flagged))
    for cause in sorted({cause for one in (demo.first, *demo.scored) for cause in one.entry["degraded"]}):
        console.print(f"Degraded: {cause}. The log says why.", style="bold yellow")
    console.print(_time(demo.took, len(demo.scored)), style="dim")
    console.print(f"The store: {demo.engine}.", style="dim")


def _head(console: Console, what: str, how: str) -> None:
    console.print(Text.assemble((what, "bold"), f", {how}"))


def _line(scored: Scored, label: str | None = None) -> terminal.DecisionLine:
    why = terminal.foremost((reason["feature"], reason["text"]) for reason in scored.entry["reasons"])
    return terminal.DecisionLine(scored.sent.transaction, _risk(scored), _outcome(scored), why or "-", label)


def _truth(scored: Scored) -> str:
    return "fraud" if scored.sent.fraud else "genuine"


def _outcome(scored: Scored) -> Outcome:
    return Outcome(scored.entry["decision"] or "")


def _risk(scored: Scored) -> float:
    return scored.entry["risk"] or 0.0


def _descending(scored: Scored) -> float:
    return -_risk(scored)


def _replay(demo: Demo) -> str:
    if demo.replayed:
        return "Sent once more: the same bytes come back. The first decision stands."
    return "Sent once more: ANOTHER ANSWER CAME BACK."


def _refusal(demo: Demo) -> str:
    if demo.refusal.status == 403:
        return f"Sent without a key: 403, {demo.refusal.code}."
    return f"Sent without a key: {demo.refusal.status}, THOUGH IT SHOULD BE REFUSED."


def _counts(demo: Demo, flagged: list[Scored]) -> Text:
    counts = Counter(map(_outcome, demo.scored))
    text = Text()
    for outcome in Outcome:
        text.append(f"{outcome.value} ", style=terminal.STYLE[outcome]).append(f"{counts[outcome]:,}   ")
    frauds = sum(one.sent.fraud for one in demo.scored)
    caught = sum(one.sent.fraud for one in flagged)
    genuine = len(flagged) - caught
    text.append(
        f"\n{caught} of {frauds} frauds are flagged, and {genuine} genuine payments; the model never reads the truth."
    )
    return text.append(f"\n{demo.stored:,} decisions lie in the table, as they would in DynamoDB.")


def _time(took: Took, rows: int) -> str:
    more = max(took.kept - took.decided, 0.0)
    return (
        f"Start to first answer: {took.started:.1f} s. Deciding {rows:,}: {took.decided:.2f} s "
        f"({1000 * took.decided / rows:.2f} ms each); keeping them: {more:.1f} s more."
    )
