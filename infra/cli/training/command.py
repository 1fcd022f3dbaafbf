"""`fraudshield train`: its options. What it needs is imported when it runs: help should not wait for numpy."""
# ruff: noqa: PLC0415

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from infra.cli import laptop

LEAKS = 1  # what it ends with where the file tells the answer

app = typer.Typer()

File = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, metavar="FILE", help="Payments: a CSV, or one in gzip.")
]
TypeName = Annotated[
    str,
    typer.Option(help="Whose payments they are: payment, a document (.yaml, .json), or a type that the API has."),
]


@app.command()
def train(
    file: File,
    label: Annotated[str, typer.Option(help="The column that says fraud or genuine, or 1 or 0; may be empty.")],
    event_type: TypeName = "payment",
    labelled_at: Annotated[str | None, typer.Option(help="The column that says when the label came in.")] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"], help="When the labels were read; else the last time."),
    ] = None,
    budget: Annotated[str, typer.Option(help="What people can review: 0.5% of payments, or 200/day.")] = "0.5%",
    cost: Annotated[
        str | None, typer.Option(help="review=4,wrong_block=15%,lost=100%: money a review, shares of the amount.")
    ] = None,
    weight: Annotated[str | None, typer.Option(help="The column that says how many payments a row stands for.")] = None,
    prior: Annotated[
        float | None, typer.Option(min=0.000001, max=0.5, help="The share of fraud in traffic, if not the file's.")
    ] = None,
    gap: Annotated[
        float | None, typer.Option(min=0, help="Days for labels to come in before the test; else the type's later.")
    ] = None,
    incident: Annotated[str | None, typer.Option(help="The column that says which payments are of one theft.")] = None,
    oracle: Annotated[str | None, typer.Option(help="The column in which a simulator says what it knew.")] = None,
    accept_leak: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Train in spite of it.")] = None,
    out: Annotated[Path | None, typer.Option(file_okay=False, help="The folder of the model; else TYPE-model.")] = None,
    url: laptop.Url = "",
    key: laptop.AdminKey = "",
    home: laptop.Home = None,
) -> None:
    """Train a model of an event type on a file of its payments, and judge it on those that came last.

    The folder has model.json and manifest.json, which scoring reads, and the report in
    HTML and Markdown. A column that tells the answer stops it with exit code 1.
    """
    from infra.cli.training import training

    asked = training.asked(label, labelled_at, weight, incident, oracle, as_of)
    options = training.options(budget, cost, prior, gap, accept_leak or [])
    kind = training.event_type(event_type, lambda: laptop.reached(url, key, home, "ADMIN_API_KEY"))
    if not training.train(file, kind, asked, options, out or Path(f"{kind.name}-model")):
        raise typer.Exit(LEAKS)
