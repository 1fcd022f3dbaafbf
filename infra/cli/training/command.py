"""`fraudshield train`: its options. What it needs is imported when it runs: help should not wait for numpy."""
# ruff: noqa: PLC0415

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import click
import typer

from infra.cli import laptop

LEAKS = 1  # what it ends with where the file tells the answer

app = typer.Typer()

TIME = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"]

File = Annotated[
    Path | None,
    typer.Argument(
        exists=True, dir_okay=False, metavar="[FILE]", help="Payments: a CSV, or one in gzip.", show_default=False
    ),
]
TypeName = Annotated[
    str,
    typer.Option(help="Whose payments they are: payment, a document (.yaml, .json), or a type that the API has."),
]


@app.command()
def train(
    file: File = None,
    label: Annotated[
        str | None, typer.Option(help="The column that says fraud or genuine, or 1 or 0; may be empty.")
    ] = None,
    from_store: Annotated[
        bool, typer.Option("--from-store", help="Of the API's decisions with the labels that came in, not of a file.")
    ] = False,
    days: Annotated[int | None, typer.Option(min=1, help="With --from-store: the last so many days.")] = None,
    since: Annotated[
        datetime | None, typer.Option("--from", formats=TIME, help="Or payments from then on, in UTC.")
    ] = None,
    until: Annotated[datetime | None, typer.Option("--to", formats=TIME, help="And before then; else now.")] = None,
    event_type: TypeName = "payment",
    labelled_at: Annotated[str | None, typer.Option(help="The column that says when the label came in.")] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=TIME, help="When the labels were read; else the file's last time, or now."),
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
    """Train a model of an event type on a file of its payments, or on stored decisions, and judge it on the last.

    The folder has model.json and manifest.json, which scoring reads, and the report in
    HTML and Markdown. A column that tells the answer stops it with exit code 1.
    """
    of_file = {"--label": label, "--labelled-at": labelled_at, "--weight": weight}
    of_file |= {"--incident": incident, "--oracle": oracle}
    of_store = {"--days": days, "--from": since, "--to": until}
    _expect_one_source(file, from_store, of_file, of_store)
    from infra.cli.replay.client import ReplayedSpan
    from infra.cli.training import training
    from infra.cli.training.decisions import DecisionsClient

    options = training.options(budget, cost, prior, gap, accept_leak or [])

    def reached() -> tuple[str, str]:
        return laptop.reached(url, key, home, "ADMIN_API_KEY")

    kind = training.event_type(event_type, reached)
    folder = out or Path(f"{kind.name}-model")
    if file is not None and label is not None:
        asked = training.asked(label, labelled_at, weight, incident, oracle, as_of)
        trained = training.train(file, kind, asked, options, folder)
    else:
        now = datetime.now(UTC)
        begin = now - timedelta(days=days) if days else (since or now).replace(tzinfo=UTC)
        span = ReplayedSpan(begin, until.replace(tzinfo=UTC) if until else now)
        read_at = as_of.replace(tzinfo=UTC) if as_of else now
        client = DecisionsClient(*reached())
        trained = training.train_from_store(client, span, kind, read_at, options, folder)
    if not trained:
        raise typer.Exit(LEAKS)


def _expect_one_source(
    file: Path | None, from_store: bool, of_file: Mapping[str, object], of_store: Mapping[str, object]
) -> None:
    """Raises UsageError: payments are to come from nowhere, from two places, or an option goes with the other one."""
    if (file is not None) is from_store:
        raise click.UsageError("Say either FILE with --label, or --from-store")
    for name, value in (of_file if from_store else of_store).items():
        if value is not None:
            raise click.UsageError(f"{name} goes with {'FILE' if from_store else '--from-store'} only")
    if from_store and (of_store["--days"] is None) is (of_store["--from"] is None):
        raise click.UsageError("With --from-store say either --days, or --from with or without --to")
    if from_store and of_store["--to"] is not None and of_store["--from"] is None:
        raise click.UsageError("--to goes with --from")
    if not from_store and of_file["--label"] is None:
        raise click.UsageError("Say --label: the column that says fraud or genuine")
