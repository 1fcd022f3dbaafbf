"""The sub-commands of `fraudshield event-type`. What they need is imported when they run."""
# ruff: noqa: PLC0415

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fraudshield.errors import InvalidInput, Malformed
from infra.cli import laptop

if TYPE_CHECKING:
    from infra.cli.event_type import EventTypeClient

app = typer.Typer(no_args_is_help=True, help="What payments look like: propose, check, put and show event types.")

Sample = Annotated[Path, typer.Argument(exists=True, dir_okay=False, metavar="SAMPLE", help="Payments: CSV or JSON.")]
Document = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, metavar="FILE", help="A document: JSON or YAML.")
]


@app.command()
def draft(sample: Sample, name: Annotated[str, typer.Option(help="The event type's name.")] = "my_payment") -> None:
    """Propose a document from a sample; each field says why it was taken for what it is."""
    from infra.cli.event_type_draft import draft as proposed

    typer.echo(json.dumps(proposed(sample, name), indent=2, ensure_ascii=False))


@app.command()
def check(file: Document) -> None:
    """Check a document on this machine."""
    from infra.cli import event_type

    typer.echo(told(lambda: event_type.check(file)))


@app.command()
def put(file: Document, url: laptop.Url = "", key: laptop.AdminKey = "", home: laptop.Home = None) -> None:
    """Store the next version of an event type; the same document again makes none."""
    from infra.cli import event_type

    document = event_type.read(file)
    made = _client(url, key, home).put(document)
    typer.echo(f"{made['name']} is at version {made['version']}, digest {made['digest'][:12]}")
    for pointer in made["without_effect"]:
        typer.echo(f"{pointer} is kept and has no effect yet")
    if changed := made.get("model_reads_otherwise"):
        says = f"The model in force was trained with {', '.join(changed)} in another form"
        typer.echo(f"{says}: its risks are not to be trusted until it is trained again", err=True)


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="An event type's name; all names without one.")] = "",
    version: Annotated[int | None, typer.Option(min=1, help="Else the newest one.", show_default=False)] = None,
    url: laptop.Url = "",
    key: laptop.AdminKey = "",
    home: laptop.Home = None,
) -> None:
    """Print a version of an event type as JSON."""
    client = _client(url, key, home)
    typer.echo(json.dumps(client.show(name, version), indent=2) if name else "\n".join(client.names()))


def _client(url: str, key: str, home: Path | None) -> "EventTypeClient":
    from infra.cli.event_type import EventTypeClient

    return EventTypeClient(*laptop.reached(url, key, home, "ADMIN_API_KEY"))


def told(check: Callable[[], str]) -> str:
    """What a check says; of a document that is no good, every fault with its place."""
    try:
        return check()
    except Malformed:
        raise
    except InvalidInput as exc:
        lines = [f"{fault.pointer}: {fault.detail}" for fault in exc.faults]
        raise InvalidInput("\n".join(["it is no good", *lines]), exc.faults) from exc
