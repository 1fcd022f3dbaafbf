"""The sub-commands of `fraudshield rates`. What they need is imported when they run."""
# ruff: noqa: PLC0415

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli import laptop

if TYPE_CHECKING:
    from infra.cli.rates.client import RatesClient

app = typer.Typer(no_args_is_help=True, help="What a unit of each currency is worth: put and show exchange rates.")

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, metavar="FILE", help="CSV: currency,from,rate.")]
Base = Annotated[str, typer.Option(help="The currency that rates are in; else the one that all event types report in.")]


@app.command()
def put(file: File, base: Base = "", url: laptop.Url = "", key: laptop.AdminKey = "", home: laptop.Home = None) -> None:
    """Replace all rates by those of a file; the same rates again make no version."""
    made = _client(url, key, home).put(file.read_bytes(), base)
    currencies = ", ".join(made["currencies"])
    typer.echo(f"Version {made['version']}: {made['count']} rates of {currencies} in {made['base']}")


@app.command()
def show(url: laptop.Url = "", key: laptop.AdminKey = "", home: laptop.Home = None) -> None:
    """Print the rates in force as CSV, which may be put again."""
    typer.echo(_client(url, key, home).show(), nl=False)


def _client(url: str, key: str, home: Path | None) -> "RatesClient":
    from infra.cli.rates.client import RatesClient

    return RatesClient(*laptop.reached(url, key, home, "ADMIN_API_KEY"))
