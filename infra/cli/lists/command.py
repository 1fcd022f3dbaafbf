"""The sub-commands of `fraudshield lists`. What they need is imported when they run."""
# ruff: noqa: PLC0415

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli import laptop
from infra.cli.command_group import PARTLY

if TYPE_CHECKING:
    from infra.cli.lists.client import ListClient

SHOWN = 20  # refused lines; the rest is counted

app = typer.Typer(no_args_is_help=True, help="Lists that rules ask: make, fill, show, load and export them.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="As rules name it: lists.NAME.")]
Value = Annotated[str, typer.Argument(metavar="VALUE", help="As payments have it.")]
Note = Annotated[str, typer.Option(help="Why; no names of people, for it goes only with the entry.")]
Days = Annotated[int | None, typer.Option(min=1, help="For so many days from now; else until it is removed.")]
Kind = Annotated[str, typer.Option(help="What its values are: an entity as account or device, or text or category.")]
Description = Annotated[str, typer.Option(help="What it is for.")]
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, metavar="FILE", help="CSV: value,note,expires_at.")]
Out = Annotated[Path | None, typer.Option(help="Write there instead of standard output.")]


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="One list; else all.")] = "",
    value: Annotated[str, typer.Option(help="Whether this value is on it.")] = "",
    url: laptop.Url = "",
    key: laptop.AdminKey = "",
    home: laptop.Home = None,
) -> None:
    """Show all lists, the entries of one, or whether it holds a value."""
    client = _client(url, key, home)
    if not name:
        for one in client.all():
            typer.echo("\t".join([one["name"], one["kind"], one["description"]]))
        return
    pages = [[client.entry(name, value)]] if value else client.entries(name)
    for page in pages:
        for entry in page:
            if entry is None:
                typer.echo(f"{name} does not hold it")
            else:
                typer.echo("\t".join([entry["value"], entry["state"], entry["expires_at"] or "", entry["note"]]))


@app.command()
def put(
    name: Name,
    kind: Kind,
    description: Description = "",
    url: laptop.Url = "",
    key: laptop.AdminKey = "",
    home: laptop.Home = None,
) -> None:
    """Make a list, or describe it anew."""
    made = _client(url, key, home).put(name, kind, description)
    typer.echo(f"{made['name']} holds values of the kind {made['kind']}")


@app.command()
def add(
    name: Name,
    value: Value,
    note: Note = "",
    days: Days = None,
    url: laptop.Url = "",
    key: laptop.AdminKey = "",
    home: laptop.Home = None,
) -> None:
    """Put a value on a list; decisions count it within a minute."""
    ends = None if days is None else (datetime.now(UTC) + timedelta(days=days)).isoformat(timespec="seconds")
    told = _client(url, key, home).add(name, value, note, ends)
    until = told["entry"]["expires_at"]
    typer.echo(f"On {name} {f'until {until}' if until else 'until it is removed'}")


@app.command()
def remove(name: Name, value: Value, url: laptop.Url = "", key: laptop.AdminKey = "", home: laptop.Home = None) -> None:
    """Take a value off a list; decisions count it no longer within a minute."""
    _client(url, key, home).remove(name, value)
    typer.echo(f"Removed from {name}")


@app.command()
def load(name: Name, file: File, url: laptop.Url = "", key: laptop.AdminKey = "", home: laptop.Home = None) -> None:
    """Put all values of a file on a list, however many; loading it again changes nothing."""
    from infra.cli import terminal
    from infra.cli.lists.client import Loaded

    loaded, remarks = Loaded(), terminal.remarks()
    with file.open(encoding="utf-8", errors="replace", newline="\n") as lines:
        for loaded in _client(url, key, home).load(name, lines):
            terminal.say(remarks, f"{loaded.lines:,} lines")
    for refused in loaded.refused[:SHOWN]:
        terminal.say(remarks, refused)
    typer.echo(
        f"{loaded.added:,} added, {loaded.changed:,} changed, {loaded.unchanged:,} as they were, "
        f"{len(loaded.refused):,} refused"
    )
    if loaded.refused:
        raise typer.Exit(PARTLY)


@app.command()
def export(
    name: Name, out: Out = None, url: laptop.Url = "", key: laptop.AdminKey = "", home: laptop.Home = None
) -> None:
    """Write the entries that count as a CSV that may be loaded again."""
    from fraudshield.value_list.response import entries_csv

    texts = (entries_csv(page) for page in _client(url, key, home).entries(name))  # type: ignore[arg-type]
    with out.open("w", encoding="utf-8", newline="") if out else typer.open_file("-", "w") as written:
        for number, text in enumerate(texts):
            written.write(text.split("\r\n", 1)[1] if number else text)


def _client(url: str, key: str, home: Path | None) -> "ListClient":
    from infra.cli.lists.client import ListClient

    return ListClient(*laptop.reached(url, key, home, "ADMIN_API_KEY"))
