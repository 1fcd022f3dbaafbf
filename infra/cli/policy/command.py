"""The sub-commands of `fraudshield policy`. What they need is imported when they run."""
# ruff: noqa: PLC0415

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli import laptop
from infra.cli.event_type_command import told

if TYPE_CHECKING:
    from infra.cli.policy.client import PolicyClient

app = typer.Typer(no_args_is_help=True, help="By which version payments are decided: draft, compare, put in force.")

Document = Annotated[Path, typer.Argument(exists=True, dir_okay=False, metavar="FILE", help="A policy: YAML or JSON.")]
Version = Annotated[int, typer.Argument(min=1, help="The number of a version.")]
EventType = Annotated[str, typer.Option(help="The event type whose policy it is.")]
Note = Annotated[str, typer.Option(help="Why, for who reads the versions later.")]
OrInForce = Annotated[int | None, typer.Option(min=1, help="Else the one in force.", show_default=False)]


@app.command()
def show(
    event_type: EventType = "payment", url: laptop.Url = "", key: laptop.AdminKey = "", home: laptop.Home = None
) -> None:
    """List the versions, newest first."""
    for one in _client(event_type, url, key, home).versions():
        made = (one["created_at"] or "")[:10]
        typer.echo(f"{one['version']:>4}  {one['state']:<8}  {one['digest'][:12]}  {made:<10}  {one['note']}".rstrip())


@app.command()
def check(file: Document) -> None:
    """Check a file for the built-in event type on this machine, and try its examples."""
    from infra.cli.policy import document

    typer.echo(told(lambda: document.check(file)))


@app.command()
def draft(
    file: Document,
    based_on: OrInForce = None,
    event_type: EventType = "payment",
    url: laptop.Url = "",
    key: laptop.AdminKey = "",
    home: laptop.Home = None,
) -> None:
    """Store a file as a draft; nothing is decided by it."""
    from infra.cli.policy import document

    client = _client(event_type, url, key, home)
    made = client.draft(document.read(file), based_on or client.in_force()["version"])
    typer.echo(f"Draft {made['version']}, digest {made['digest'][:12]}")


@app.command("import")
def take(
    file: Document,
    event_type: EventType = "payment",
    url: laptop.Url = "",
    key: laptop.AdminKey = "",
    home: laptop.Home = None,
) -> None:
    """Store a file as a draft, unless it says what the version in force says."""
    from infra.cli.policy import document

    client = _client(event_type, url, key, home)
    before = client.in_force()
    made = client.draft(document.read(file), before["version"])
    if made["digest"] == before["digest"]:
        client.remove(made["version"])
        typer.echo(f"Version {before['version']}, which is in force, says the same")
        return
    typer.echo(f"Draft {made['version']}, digest {made['digest'][:12]}")
    for line in document.told(client.difference(before["version"], made["version"])):
        typer.echo(line)


@app.command()
def export(
    version: OrInForce = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON, not YAML.")] = False,
    event_type: EventType = "payment",
    url: laptop.Url = "",
    key: laptop.AdminKey = "",
    home: laptop.Home = None,
) -> None:
    """Print a version as the file of a repository."""
    from infra.cli.policy import document

    client = _client(event_type, url, key, home)
    found = client.in_force() if version is None else client.version(version)
    typer.echo(document.written(found, as_json=as_json), nl=False)


@app.command()
def difference(
    version: Version,
    to: Annotated[int, typer.Argument(min=1, help="The version to compare it with.")],
    event_type: EventType = "payment",
    url: laptop.Url = "",
    key: laptop.AdminKey = "",
    home: laptop.Home = None,
) -> None:
    """Say what another version says that this one does not: + new, - gone, ~ other."""
    from infra.cli.policy import document

    lines = document.told(_client(event_type, url, key, home).difference(version, to))
    typer.echo("\n".join(lines) or "They say the same")


@app.command(
    "test",
    epilog="Exit codes: 0 the test is finished and no measure is worse (not enough data is no fault); 1 a measure is "
    "worse; 2 no test was finished, and why.",
)
def on_history(
    version: Version,
    since: Annotated[str, typer.Option("--from", help="From this day or time on; else of 30 days.")] = "",
    until: Annotated[str, typer.Option("--to", help="Up to this day or time; else until now.")] = "",
    currency: Annotated[str, typer.Option(help="What money is called; else the event type's reporting one.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="The API's answer.")] = False,
    event_type: EventType = "payment",
    url: laptop.Url = "",
    key: laptop.AdminKey = "",
    home: laptop.Home = None,
) -> None:
    """Decide what is stored once more by a version, and say whether it is better than what is in force."""
    from datetime import UTC, datetime

    from fraudshield.text.json_text import readable_json
    from infra.cli import terminal
    from infra.cli.command_group import PARTLY
    from infra.cli.policy import backtest, comparison

    client, remarks = _client(event_type, url, key, home), terminal.remarks()
    first, last = backtest.span(since, until, datetime.now(UTC))
    found = backtest.answer(client, version, first, last, lambda line: terminal.say(remarks, line))
    if as_json:
        typer.echo(readable_json(found, indent=2))
    else:
        for line in comparison.lines(found, currency or client.reporting_currency()):
            typer.echo(line)
    if comparison.is_worse(found):
        raise typer.Exit(PARTLY)


@app.command()
def library(
    name: Annotated[str, typer.Argument(help="A rule, to make a draft with it; without one all are listed.")] = "",
    event_type: Annotated[str, typer.Option(help="Whose policy; else the event type that it was written for.")] = "",
    url: laptop.Url = "",
    key: laptop.AdminKey = "",
    home: laptop.Home = None,
) -> None:
    """List rules to begin with and what each reads of the store; with a name, make a draft that decides nothing."""
    from infra.cli.policy import library as rules

    client = _client(event_type, url, key, home)
    if not name:
        for line in rules.lines(client.library()):
            typer.echo(line)
        return
    made, of_type = rules.drafted(client, name, event_type or None)
    option = "" if of_type == "payment" else f" --event-type {of_type}"
    number = made["version"]
    typer.echo(f"Draft {number} has it; `fraudshield policy test {number}{option}` says what it would do")


@app.command()
def activate(
    version: Version,
    note: Note,
    force: Annotated[bool, typer.Option("--force", help="Without a test on history.")] = False,
    event_type: EventType = "payment",
    url: laptop.Url = "",
    key: laptop.AdminKey = "",
    home: laptop.Home = None,
) -> None:
    """Put a version in force."""
    made = _client(event_type, url, key, home).activate(version, note, force=force)
    typer.echo(f"Version {made['version']} is in force; every process goes by it within a minute")


@app.command()
def rollback(
    note: Note = "",
    event_type: EventType = "payment",
    url: laptop.Url = "",
    key: laptop.AdminKey = "",
    home: laptop.Home = None,
) -> None:
    """Put the version in force again that was before this one."""
    made = _client(event_type, url, key, home).roll_back(note)
    typer.echo(f"Version {made['version']} is in force again")


def _client(event_type: str, url: str, key: str, home: Path | None) -> "PolicyClient":
    from infra.cli.policy.client import PolicyClient

    return PolicyClient(*laptop.reached(url, key, home, "ADMIN_API_KEY"), event_type)
