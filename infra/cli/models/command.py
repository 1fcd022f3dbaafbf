"""The sub-commands of `fraudshield model` that publish models and put them in force."""
# ruff: noqa: PLC0415 what they need is imported when they run

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fraudshield.errors import NotFound
from infra.cli import laptop

if TYPE_CHECKING:
    from infra.cli.models.client import ModelsClient

app = typer.Typer()

NOT_PASSED = 1
RELEASED = "The release's model"
BUCKET = "jobsbucket"  # the laptop's; a stack says its own as JobsBucketName
BLOCK_FROM = {
    "labels": "labels",
    "in_force": "the version in force, since labels say too little",
    "nothing": "labels: most of what it blocked was genuine, so it blocks nothing",
}
Folder = Annotated[Path, typer.Argument(exists=True, file_okay=False, metavar="DIR", help="model.json, manifest.json.")]
Version = Annotated[str, typer.Argument(help="As `fraudshield model list` shows it.")]
EventType = Annotated[str, typer.Option("--event-type", help="Whose model.")]
Note = Annotated[str, typer.Option(help="Why, for the audit log.")]


@app.command()
def publish(
    folder: Folder,
    bucket: Annotated[str, typer.Option(help="On AWS, by your credentials: the stack's JobsBucketName.")] = "",
    event_type: EventType = "payment",
    url: laptop.Url = "",
    key: laptop.AdminKey = "",
    home: laptop.Home = None,
) -> None:
    """Publish a trained model: its files go into the bucket, and nothing is decided by it yet.

    A model of an event type of your own has to go with the type as the API has it.
    """
    from infra.cli.models.client import TypesOfApi
    from infra.cli.models.client import publish as published
    from infra.laptop.sdk import default_client

    client = default_client if bucket else laptop.client(home)
    types = TypesOfApi(lambda: laptop.reached(url, key, home, "ADMIN_API_KEY"))
    made = published(client("s3"), bucket or BUCKET, folder, event_type, types)
    typer.echo(f"{made.version} of {made.event_type} is published, manifest {made.sha256}")


@app.command(name="list")
def list_models(
    event_type: EventType = "payment", url: laptop.Url = "", key: laptop.AdminKey = "", home: laptop.Home = None
) -> None:
    """List the published models, and which one scores."""
    found = _client(url, key, home).all(event_type)
    for one in found["versions"]:
        typer.echo(f"{one['version']}  {one['state']}  trained {one['trained_at']}  {one['sha256'][:12]}")
    champion = found["champion"]
    typer.echo(f"{champion['version'] or RELEASED} scores, with policy version {champion['policy_version']}")


@app.command()
def show(
    version: Version,
    event_type: EventType = "payment",
    url: laptop.Url = "",
    key: laptop.AdminKey = "",
    home: laptop.Home = None,
) -> None:
    """Print what is known of a published model, as JSON."""
    import json

    models = _client(url, key, home).all(event_type)["versions"]
    found = next((one for one in models if one["version"] == version), None)
    if found is None:
        raise NotFound(f"No model {version} of {event_type} has been published")
    typer.echo(json.dumps(found, indent=2))


@app.command()
def activate(
    version: Version,
    note: Note,
    policy_version: Annotated[int, typer.Option(help="The policy that goes with it; else the one in force.")] = 0,
    force: Annotated[bool, typer.Option("--force", help="Take it uncompared, and that policy untested.")] = False,
    event_type: EventType = "payment",
    url: laptop.Url = "",
    key: laptop.AdminKey = "",
    home: laptop.Home = None,
) -> None:
    """Put a published model in force; running functions follow within a minute."""
    said = {"note": note, "force": force} | ({"policy_version": policy_version} if policy_version else {})
    made = _client(url, key, home).activate(version, event_type, said)
    typer.echo(f"{made['version']} scores, with policy version {made['policy_version']}")


@app.command()
def challenge(
    version: Version,
    event_type: EventType = "payment",
    url: laptop.Url = "",
    key: laptop.AdminKey = "",
    home: laptop.Home = None,
) -> None:
    """Have a published model judged beside the one in force, without effect."""
    for one in _client(url, key, home).challenge(version, event_type)["challengers"]:
        typer.echo(f"{one['version']} is judged beside the model in force since {one['since']}")


@app.command(epilog="Exit codes: 0 it passes the gate; 1 it does not, or not for certain; 2 nothing could be said.")
def compare(
    version: Version,
    days: Annotated[int, typer.Option(min=1, max=366, help="How far back.")] = 30,
    champion: Annotated[str, typer.Option(help="With which model; else the one in force.")] = "",
    margin: Annotated[float, typer.Option(min=0, max=1, help="How much less of the money it may find.")] = 0.02,
    event_type: EventType = "payment",
    url: laptop.Url = "",
    key: laptop.AdminKey = "",
    home: laptop.Home = None,
) -> None:
    """Compare a published model with the one in force on stored payments, at the same share of reviews.

    Payments that it was trained on are left out.
    """
    from infra.cli.models.comparison import asked, awaited, said

    found = awaited(_client(url, key, home), event_type, asked(version, champion, days, margin))
    for line in said(found):
        typer.echo(line)
    if not found["gate"]["passes"]:
        raise typer.Exit(NOT_PASSED)


@app.command()
def rollback(
    note: Note = "",
    event_type: EventType = "payment",
    url: laptop.Url = "",
    key: laptop.AdminKey = "",
    home: laptop.Home = None,
) -> None:
    """Put the model in force again that was before this one."""
    made = _client(url, key, home).roll_back(event_type, note)
    typer.echo(f"{made['version'] or RELEASED} scores, with policy version {made['policy_version']}")


@app.command()
def propose(
    days: Annotated[int, typer.Option(min=1, max=366, help="From the risks of the last so many days.")] = 7,
    budget: Annotated[
        str, typer.Option(help="What people can review: 0.5% of payments, or 200/day; else the policy's, else 0.5%.")
    ] = "",
    cost: Annotated[
        str, typer.Option(help="review=4,wrong_block=15%,lost=100%: money a review, shares of the amount.")
    ] = "",
    event_type: EventType = "payment",
    url: laptop.Url = "",
    key: laptop.AdminKey = "",
    home: laptop.Home = None,
) -> None:
    """Propose thresholds that follow the traffic, as a draft of the policy that decides nothing."""
    from datetime import UTC, datetime, timedelta

    since = datetime.now(UTC) - timedelta(days=days)
    asked = {"from": since.isoformat(timespec="seconds").replace("+00:00", "Z"), "budget": budget, "costs": cost}
    said = {name: value for name, value in asked.items() if value}
    made = _client(url, key, home).propose(event_type, said)
    found, thresholds = made["proposal"], made["thresholds"]
    typer.echo(f"Draft {made['version']}: review from {thresholds['review']}, block from {thresholds['block']}")
    typer.echo(
        f"Of {found['payments']:,} payments of model {found['model_version']} it reviews {found['review_share']:.2%} "
        f"({found['reviews_a_day']:,.0f} a day) and blocks {found['block_share']:.2%}"
    )
    typer.echo(
        f"Block goes by {BLOCK_FROM[found['block_from']]}; known are {found['frauds']:,} frauds and "
        f"{found['genuine']:,} genuine payments"
    )


def _client(url: str, key: str, home: Path | None) -> "ModelsClient":
    from infra.cli.models.client import ModelsClient

    return ModelsClient(*laptop.reached(url, key, home, "ADMIN_API_KEY"))
