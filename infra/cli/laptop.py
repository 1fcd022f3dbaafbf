"""`fraudshield up`, `redrive`, `upgrade`, `down`, `keys`, `logs` and `invoke`: the template on this machine."""
# ruff: noqa: PLC0415 as in main: help should not wait for an SDK

import asyncio
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fraudshield.errors import ConfigurationError, InvalidInput, NotFound
from infra.cli.path import BUILT, ENV_FILE, HOME
from infra.cli.setting import settings

if TYPE_CHECKING:
    from infra.laptop.apigateway.api_key import ApiKey
    from infra.laptop.options import CloudOptions
    from infra.laptop.sdk import Client, Sdk
    from infra.laptop.state import StateDirectory

Home = Annotated[Path | None, typer.Option("--home", help="Where data, keys and logs lie; .local by default")]
Url = Annotated[str, typer.Option(help="The API; else the one that `fraudshield up` serves.")]
AdminKey = Annotated[str, typer.Option(help="Else ADMIN_API_KEY, else the laptop's own.", show_default=False)]

STOP_S = 20.0
POLL_S = 0.05

app = typer.Typer()


@app.command()
def up(
    only: Annotated[
        list[str] | None, typer.Option(help="Start this service only, such as model; may be repeated")
    ] = None,
    port_base: Annotated[
        int,
        typer.Option(min=0, max=60_000, help="The gateway's port; all others keep their distance. 0: any free ones"),
    ] = 8000,
    home: Home = None,
) -> None:
    """Serve the whole API of template.yaml on 127.0.0.1, until Ctrl-C."""
    from infra.cli.application import cloud_options

    asyncio.run(_serve(cloud_options(settings(ENV_FILE), home or HOME, port_base, tuple(only or ()))))


@app.command(epilog="Exit codes: 0 the queue is empty; 1 some messages stay, and why; 2 nothing could be done.")
def redrive(
    queue: Annotated[str, typer.Argument(help="Its name or URL, such as AlarmsDeadLetters on the laptop.")],
    function: Annotated[
        str, typer.Option(help="Who gets what SNS or EventBridge could not deliver; Lambda's messages say it.")
    ] = "",
    aws: Annotated[bool, typer.Option("--aws", help="On AWS, with your own credentials and region.")] = False,
    home: Home = None,
) -> None:
    """Try dead letters again, once their cause is mended: in the queue or the function that they come from."""
    from infra.cli import redrive as command
    from infra.cli.command_group import PARTLY
    from infra.laptop.sdk import default_client

    done = command.redrive(default_client if aws else client(home), queue, function)
    typer.echo(f"{done.sent} sent on, {len(done.left)} left")
    for reason in done.left:
        typer.echo(reason, err=True)
    if done.left:
        raise typer.Exit(PARTLY)


@app.command()
def upgrade(
    deployed: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="The deployed template: writes those that lead on.")
    ] = None,
    built: Annotated[Path, typer.Option(dir_okay=False, help="This version's, as `sam build` made it.")] = BUILT,
    stack: Annotated[str, typer.Option(help="A stack on AWS that runs this version: its payments are completed.")] = "",
    home: Home = None,
) -> None:
    """Upgrade what an earlier version stored, on this machine (`fraudshield up` does it by itself) or on AWS."""
    from infra.cli import upgrade as command
    from infra.cli.application import cloud_options

    if deployed is not None:
        for path in command.templates(deployed, built):
            typer.echo(path)
    elif stack:
        command.stack(stack, typer.echo)
    else:
        options = cloud_options(settings(ENV_FILE), home or HOME, 0)
        command.laptop(home or HOME, options.settings, options.parameters, typer.echo)


@app.command()
def down(home: Home = None) -> None:
    """End the one that runs."""
    state = _state(home)
    running = state.running()
    if running is None:
        typer.echo("Nothing runs here")
        return
    os.kill(running.pid, signal.SIGTERM)
    give_up_at = time.monotonic() + STOP_S
    while state.running() is not None:
        if time.monotonic() > give_up_at:
            raise ConfigurationError(f"Process {running.pid} was asked to end {STOP_S:.0f} s ago and is still there")
        time.sleep(POLL_S)
    typer.echo(f"Ended process {running.pid}")


@app.command()
def keys(home: Home = None) -> None:
    """Show the API keys, as lines for .env."""
    for key in _keys(_state(home), settings(ENV_FILE)):
        typer.echo(f"{key.setting}={key.value}")


@app.command()
def logs(
    function: Annotated[
        str | None, typer.Argument(help="Such as model or ModelFunction; all of them by default")
    ] = None,
    follow: Annotated[bool, typer.Option("-f", "--follow", help="Go on as lines come, until Ctrl-C")] = False,
    lines: Annotated[int, typer.Option("-n", min=1, help="How many of the last lines of each")] = 20,
    home: Home = None,
) -> None:
    """Show what the functions have logged."""
    from infra.laptop.awslambda import log_file

    files = log_file.log_files(_state(home).logs, function)
    for name, path in files.items():
        for line in log_file.last_lines(path, lines):
            typer.echo(_line(name, line, len(files)))
    if follow:
        with suppress(KeyboardInterrupt):
            for name, line in log_file.follow(files):
                typer.echo(_line(name, line, len(files)))


@app.command()
def invoke(
    function: Annotated[str, typer.Argument(help="Its logical id in template.yaml, such as ModelFunction")],
    event: Annotated[Path, typer.Argument(help="A JSON file, such as one of events/; - for standard input")],
    home: Home = None,
) -> None:
    """Run a function of the running API on an event and print its response; exit 1 if it failed."""
    running = _state(home).running()
    if running is None:
        raise ConfigurationError("Nothing runs here; `fraudshield up` starts it")
    response = _invoked(running.sdk, function, _event(event))
    typer.echo(response["Payload"].read())
    if "FunctionError" in response:
        raise typer.Exit(1)


def client(home: Path | None) -> "Client":
    """The clients of what runs here. Raises ConfigurationError."""
    running = _state(home).running()
    if running is None:
        raise ConfigurationError("Nothing runs here; `fraudshield up` starts it")
    return running.sdk.client


def reached(url: str, key: str, home: Path | None, setting: str = "TEST_API_KEY") -> tuple[str, str]:
    """Where the API answers and a key for it: what is given, else what runs here. Raises ConfigurationError."""
    state = _state(home)
    running = None if url else state.running()
    where = url or (running.gateway if running else "")
    if not where:
        raise ConfigurationError("Nothing runs here; `fraudshield up` starts it, or --url names another API")
    known = settings(ENV_FILE)
    value = key or known.get(setting, "")
    if not value and running:
        value = next(one.value for one in _keys(state, known) if one.setting == setting)
    if not value:
        raise ConfigurationError(f"{setting} is not set; --key gives one")
    return where.rstrip("/"), value


async def _serve(options: "CloudOptions") -> None:
    from infra.cli import terminal
    from infra.cli.laptop_page import line, page
    from infra.cli.upgrade import fill
    from infra.laptop.cloud import Cloud

    console = terminal.plain()
    enough = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, enough.set)
    cloud = Cloud(options, lambda served: console.print(line(served)))
    starting = asyncio.ensure_future(cloud.start())
    waiting = asyncio.ensure_future(enough.wait())
    await asyncio.wait({starting, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if not starting.done():
        starting.cancel()
        await asyncio.wait({starting})
        return
    running = starting.result()
    if (address := options.state.running()) is not None:
        await asyncio.to_thread(fill, address.sdk.client("dynamodb"), console.print)
    console.print(page(running))
    await waiting
    await cloud.stop()


def _keys(state: "StateDirectory", known: dict[str, str]) -> "tuple[ApiKey, ...]":
    from infra.cli.application import FRAUDSHIELD
    from infra.laptop.apigateway.api_key import keys

    return keys(FRAUDSHIELD.key_parameters, FRAUDSHIELD.second_key_parameters, known, state.keys)


def _invoked(sdk: "Sdk", function: str, event: bytes) -> dict[str, Any]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        response: dict[str, Any] = sdk.client("lambda").invoke(FunctionName=function, Payload=event)
    except ClientError as exc:
        raise NotFound(exc.response["Error"]["Message"]) from exc
    except BotoCoreError as exc:
        raise ConfigurationError(f"{function} cannot be reached: {exc}") from exc
    return response


def _event(path: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as exc:
        raise InvalidInput(f"{path} cannot be read: {exc.strerror}") from exc


def _line(name: str, line: str, files: int) -> str:
    return line if files == 1 else f"{name}: {line}"


def _state(home: Path | None) -> "StateDirectory":
    from infra.laptop.state import StateDirectory

    return StateDirectory(home or HOME)
