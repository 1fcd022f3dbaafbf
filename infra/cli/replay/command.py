"""`fraudshield replay`: stored decisions computed again, and whether each comes out the same."""
# ruff: noqa: PLC0415 what it needs is imported when it runs

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import click
import typer

from infra.cli import laptop

if TYPE_CHECKING:
    from infra.cli.job_client import Answer
    from infra.cli.replay.client import ReplayClient, ReplayCount

DIFFERENT = 1  # what it ends with where one came out otherwise
SHOWN = 20  # of those, and of each reason
TIME = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"]
EXIT_CODES = "Exit codes: 0 none came out otherwise; 1 one did; 2 nothing could be done."

app = typer.Typer()


@app.command(epilog=EXIT_CODES)
def replay(
    days: Annotated[int | None, typer.Option(min=1, help="The last so many days.", show_default=False)] = None,
    since: Annotated[
        datetime | None, typer.Option("--from", formats=TIME, help="Payments from then on, in UTC.", show_default=False)
    ] = None,
    until: Annotated[
        datetime | None, typer.Option("--to", formats=TIME, help="Payments before then; else now.", show_default=False)
    ] = None,
    transaction: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="This one alone; may be repeated.")
    ] = None,
    event_type: Annotated[
        str | None, typer.Option(help="Payments of this type; else of all.", show_default=False)
    ] = None,
    url: laptop.Url = "",
    key: laptop.AdminKey = "",
    home: laptop.Home = None,
) -> None:
    """Compute stored decisions again, each by its own model, policy and event type: the same, or what differs.

    What they were made from is never shown: a difference is told by the names of its
    members.
    """
    from infra.cli import terminal

    if sum(one is not None for one in (days, since, transaction)) != 1 or (until is not None and since is None):
        raise click.UsageError("Say either --days, or --from with or without --to, or --transaction")
    client = _client(url, key, home)
    if transaction is not None:
        count = _few(client, transaction)
    else:
        now = datetime.now(UTC)
        begin = now - timedelta(days=days) if days is not None else (since or now).replace(tzinfo=UTC)
        count = _many(client, begin, until.replace(tzinfo=UTC) if until else now, event_type)
    for line in told(count):
        terminal.say(terminal.results(), line)
    if count.different:
        raise typer.Exit(DIFFERENT)


def _few(client: "ReplayClient", ids: list[str]) -> "ReplayCount":
    from infra.cli.replay.client import A_CALL, ReplayCount

    count = ReplayCount()
    for at in range(0, len(ids), A_CALL):
        for one in client.replayed(ids[at : at + A_CALL]):
            count.add(one)
    return count


def _many(client: "ReplayClient", since: datetime, until: datetime, event_type: str | None) -> "ReplayCount":
    from rich.progress import Progress

    from infra.cli import terminal
    from infra.cli.replay.client import ReplayedSpan

    with Progress(console=terminal.remarks(), transient=True) as progress:
        task = progress.add_task("computing again", total=None)
        return client.span(ReplayedSpan(since, until), event_type, lambda more: progress.advance(task, more))


def told(count: "ReplayCount") -> list[str]:
    """How they came out, by what decided them; then what differs; then what could not be computed, and why."""
    results, all_of_them = count.results, count.results.total() - count.results["not_decided"]
    lines = [
        f"{all_of_them:,} decisions computed again: {results['same']:,} the same, {results['different']:,} different, "
        f"{results['not_replayable']:,} cannot be computed"
    ]
    if undecided := count.undecided + results["not_decided"]:
        lines.append(f"{undecided:,} have no decision")
    for what, counted in (("model", count.models), ("policy", count.policies), ("event type", count.event_types)):
        lines += [f"  {what} {name}: {number:,}" for name, number in sorted(counted.items())]
    lines += [_difference(one) for one in count.different[:SHOWN]]
    if (more := len(count.different) - SHOWN) > 0:
        lines.append(f"... and {more:,} more differ")
    for code, found in sorted(count.reasons.items()):
        ids = ", ".join(one["transaction_id"] for one in found[:SHOWN])
        lines.append(f"{len(found):,} cannot be computed, {code}: {found[0]['detail']} ({ids})")
    return lines


def _difference(one: "Answer") -> str:
    by = f"model {one['model_version']}, policy {one['policy_version']}"
    return f"{one['transaction_id']} differs in {', '.join(one['differs'])} ({by})"


def _client(url: str, key: str, home: Path | None) -> "ReplayClient":
    from infra.cli.replay.client import ReplayClient

    return ReplayClient(*laptop.reached(url, key, home, "ADMIN_API_KEY"))
