"""The `fraudshield` command. What a sub-command needs is imported when it runs: help should not wait for an SDK."""
# ruff: noqa: PLC0415

import time
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import click
import typer

from fraudshield import __version__
from fraudshield.errors import Malformed
from infra.cli import event_type_command, laptop
from infra.cli.command_group import NOTHING, PARTLY, CommandGroup
from infra.cli.format import Format
from infra.cli.lists import command as lists_command
from infra.cli.models import command as models_command
from infra.cli.path import DEMO_LOG, ENV_FILE, MODEL_DIR, ROOT, TRANSACTIONS
from infra.cli.policy import command as policy_command
from infra.cli.rates import command as rates_command
from infra.cli.replay import command as replay_command
from infra.cli.training import command as training_command
from infra.container import command as containers
from infra.deployment import command as deployment

EXIT_CODES = "Exit codes: 0 all done; 1 some rows were refused, the others are scored; 2 nothing could be done."
LOG = f"Where the function's log lines go; else {DEMO_LOG.relative_to(ROOT)}."
OUT = "Write there; the file appears when it is whole."


class Store(StrEnum):
    """As the API has it."""

    FLAGGED = "flagged"
    ALL = "all"
    NONE = "none"


class History(StrEnum):
    """As the API has it."""

    FILE = "file"
    STORE = "store"
    NONE = "none"


def _in_a_folder(out: Path | None) -> Path | None:
    if out is not None and not out.parent.is_dir():
        raise typer.BadParameter(f"{out.parent} is no folder.")
    return out


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"fraudshield {__version__}")
        raise typer.Exit


app = typer.Typer(
    cls=CommandGroup,
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
model_app = typer.Typer(no_args_is_help=True, help="Look at the model, publish others, and say which one scores.")
app.add_typer(model_app, name="model")
model_app.add_typer(models_command.app)
app.add_typer(laptop.app)
app.add_typer(deployment.app)
app.add_typer(containers.app)
app.add_typer(training_command.app)
app.add_typer(replay_command.app)
app.add_typer(event_type_command.app, name="event-type")
app.add_typer(rates_command.app, name="rates")
app.add_typer(lists_command.app, name="lists")
app.add_typer(policy_command.app, name="policy")

File = Annotated[typer.FileBinaryRead, typer.Argument(metavar="FILE", help="The file, or - for standard input.")]
ModelDir = Annotated[
    str,
    typer.Option(help=f"Folder of the model; else MODEL_DIR, else {MODEL_DIR.relative_to(ROOT)}.", show_default=False),
]
ModelVersion = Annotated[
    str, typer.Option(help="Version that it must be; else MODEL_VERSION, else any.", show_default=False)
]
EnvFile = Annotated[Path, typer.Option(help="Settings that the environment does not have.", show_default=".env")]
Json = Annotated[bool, typer.Option("--json", help="JSON instead of a table.")]
Version = Annotated[bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")]


@app.callback()
def fraudshield(version: Version = False) -> None:
    """Score payments, see why, and look at the model: on this machine, without an AWS account."""


@app.command(epilog=EXIT_CODES)
def demo(log: Annotated[Path, typer.Option(dir_okay=False, help=LOG, show_default=False)] = DEMO_LOG) -> None:
    """Score the README's payment and 1,200 more over HTTP, with a key, by the API of template.yaml.

    It is started on free ports of 127.0.0.1 and ended again. Nothing leaves this
    machine: keys and credentials are made up, and no setting of yours is read.
    """
    started = time.perf_counter()
    from infra.cli import demo as command
    from infra.cli import demo_page, terminal

    console = terminal.results()
    demo_page.opening(console)
    shown = command.run(TRANSACTIONS, log, demo_page.Progress(console, started).tell)
    demo_page.show(shown, console)
    terminal.say(console, f"The function's log lines are in {_from_here(log)}.")
    demo_page.closing(console)
    if not shown.as_promised:
        raise typer.Exit(NOTHING)


@app.command(epilog=EXIT_CODES)
def score(
    file: File,
    output_format: Annotated[
        Format | None,
        typer.Option("--format", help="Else: table on a terminal, JSON lines elsewhere, CSV where --out ends in .csv."),
    ] = None,
    json_lines: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    out: Annotated[Path | None, typer.Option(dir_okay=False, callback=_in_a_folder, help=OUT)] = None,
    model_dir: ModelDir = "",
    model_version: ModelVersion = "",
    env_file: EnvFile = ENV_FILE,
) -> None:
    """Score a CSV of transactions with the local model. Nothing is stored.

    The columns are PaySim's, in any order: step, type, amount, nameOrig, oldbalanceOrg, newbalanceOrig, nameDest,
    oldbalanceDest, newbalanceDest and, if wanted, transaction_id and occurred_at. Other columns, isFraud for one, are
    passed on to the output and never to the model. A row that cannot be read is reported with its line; the others
    are scored.
    """
    from infra.cli import score as command
    from infra.cli import scorer

    if json_lines and output_format not in (None, Format.JSON):
        raise click.UsageError(f"--json and --format {output_format} contradict each other")
    if out is not None and command.same_file(file, out):
        raise Malformed(f"{out} is the file to read; write to another one")
    wanted = Format.JSON if json_lines else output_format
    settings = _settings(env_file, model_dir, model_version)
    decides = scorer.scorer(scorer.load(settings), settings)
    if command.score(file, _name(file), wanted, out, decides).refused:
        raise typer.Exit(PARTLY)


@app.command(epilog=EXIT_CODES)
def batch(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="A CSV, or one in gzip.")],
    watch: Annotated[bool, typer.Option("--watch", help="Wait for the end and fetch the results.")] = False,
    out: Annotated[Path | None, typer.Option(file_okay=False, exists=True, help="Folder of the results.")] = None,
    event_type: Annotated[str, typer.Option(help="Whose payments the file holds.")] = "payment",
    history: Annotated[History, typer.Option(help="Whose earlier payments its aggregates count.")] = History.NONE,
    store: Annotated[Store, typer.Option(help="Which decisions are kept in the store.")] = Store.FLAGGED,
    notify: Annotated[str | None, typer.Option(help="A confirmed subscriber who gets a mail at the end.")] = None,
    url: Annotated[str, typer.Option(help="The API; else the one that `fraudshield up` serves.")] = "",
    key: Annotated[str, typer.Option(help="Else TEST_API_KEY, else the laptop's own.", show_default=False)] = "",
    home: laptop.Home = None,
) -> None:
    """Score a file of any size through the API, as a job: scored rows and refusals come back as files.

    On a terminal --watch shows a bar with rows a second and the time left, elsewhere a JSON line for each step.
    """
    from infra.cli import batch as command
    from infra.cli import terminal
    from infra.cli.job_client import JobClient

    client = JobClient(*laptop.reached(url, key, home))
    job_id = command.submit(client, file, command.Options(event_type, history, store, notify))
    if not watch:
        typer.echo(job_id)
        return
    job = command.watch(client, job_id, terminal.results())
    files = command.fetch(client, job, file, out)
    terminal.say(terminal.remarks(), command.summary(job, files))
    if job["failed_items"]:
        raise typer.Exit(PARTLY)


@app.command(epilog=EXIT_CODES)
def explain(
    file: File,
    as_json: Json = False,
    model_dir: ModelDir = "",
    model_version: ModelVersion = "",
    env_file: EnvFile = ENV_FILE,
) -> None:
    """Say why: the decision of one transaction in a JSON file, and what each feature added to it."""
    from infra.cli import explain as command
    from infra.cli import scorer, terminal

    settings = _settings(env_file, model_dir, model_version)
    model = scorer.load(settings)
    explained = command.explain(file, _name(file), scorer.scorer(model, settings))
    if as_json:
        typer.echo(command.as_json(explained))
    else:
        command.show(explained, model.features, terminal.results())


@model_app.command()
def info(
    as_json: Json = False,
    event_type: Annotated[str, typer.Option(help="What it scores: payment, or a document (.yaml, .json).")] = "payment",
    model_dir: ModelDir = "",
    model_version: ModelVersion = "",
    env_file: EnvFile = ENV_FILE,
) -> None:
    """Print its version, features, thresholds and metrics, each beside its baselines."""
    from infra.cli import model as command
    from infra.cli import scorer, terminal
    from infra.cli.event_type import local_type

    model = scorer.load(_settings(env_file, model_dir, model_version), local_type(event_type))
    if as_json:
        typer.echo(command.as_json(model))
    else:
        command.show(model, terminal.results())


def _settings(env_file: Path, model_dir: str, model_version: str) -> Mapping[str, str]:
    """The command line over the environment over `.env`."""
    from infra.cli.setting import settings

    said = {"MODEL_DIR": model_dir, "MODEL_VERSION": model_version}
    return settings(env_file) | {name: value for name, value in said.items() if value}


def _from_here(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _name(file: typer.FileBinaryRead) -> str:
    return "standard input" if file.name in ("<stdin>", "-", 0) else str(file.name)


def main() -> None:
    """The console script."""
    from infra.cli import terminal

    terminal.tolerate_any_encoding()
    app(prog_name="fraudshield")
