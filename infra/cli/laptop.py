"""`fraudshield up`, `down`, `keys`, `logs` and `invoke`: the template on this machine."""
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
from infra.cli.place import ENV_FILE
from infra.cli.setting import settings

if TYPE_CHECKING:
    from infra.laptop.options import CloudOptions
    from infra.laptop.sdk import Sdk
    from infra.laptop.state import StateDirectory

Home = Annotated[Path | None, typer.Option("--home", help="Where data, keys and logs lie; .local by default")]

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
    from infra.laptop.options import CloudOptions, Ports

    ports = Ports.based(port_base) if port_base != Ports().gateway else Ports()
    asyncio.run(_serve(CloudOptions(settings(ENV_FILE), _place(home), ports, tuple(only or ()))))


@app.command()
def down(home: Home = None) -> None:
    """End the one that runs."""
    place = _place(home)
    running = place.running()
    if running is None:
        typer.echo("Nothing runs here")
        return
    os.kill(running.pid, signal.SIGTERM)
    give_up_at = time.monotonic() + STOP_S
    while place.running() is not None:
        if time.monotonic() > give_up_at:
            raise ConfigurationError(f"Process {running.pid} was asked to end {STOP_S:.0f} s ago and is still there")
        time.sleep(POLL_S)
    typer.echo(f"Ended process {running.pid}")


@app.command()
def keys(home: Home = None) -> None:
    """Show the API keys, as lines for .env."""
    from infra.laptop.apigateway.api_key import keys as chosen

    for key in chosen(settings(ENV_FILE), _place(home).keys):
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

    files = log_file.log_files(_place(home).logs, function)
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
    """Run a function of the running API on an event and print its answer; exit 1 if it failed."""
    running = _place(home).running()
    if running is None:
        raise ConfigurationError("Nothing runs here; `fraudshield up` starts it")
    answer = _invoked(running.sdk, function, _event(event))
    typer.echo(answer["Payload"].read())
    if "FunctionError" in answer:
        raise typer.Exit(1)


def reached(url: str, key: str, home: Path | None) -> tuple[str, str]:
    """Where the API answers and a key for it: what is given, else what runs here. Raises ConfigurationError."""
    from infra.laptop.apigateway.api_key import keys as chosen

    place, setting = _place(home), "TEST_API_KEY"
    running = None if url else place.running()
    where = url or (running.gateway if running else "")
    if not where:
        raise ConfigurationError("Nothing runs here; `fraudshield up` starts it, or --url names another API")
    mine = key or settings(ENV_FILE).get(setting, "")
    if not mine and running:
        mine = next(one.value for one in chosen(settings(ENV_FILE), place.keys) if one.setting == setting)
    if not mine:
        raise ConfigurationError(f"{setting} is not set; --key gives one")
    return where.rstrip("/"), mine


async def _serve(wish: "CloudOptions") -> None:
    from rich.console import Console

    from infra.cli.laptop_page import line, page
    from infra.laptop.cloud import Cloud

    console = Console()
    enough = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, enough.set)
    cloud = Cloud(wish, lambda served: console.print(line(served)))
    starting = asyncio.ensure_future(cloud.start())
    waiting = asyncio.ensure_future(enough.wait())
    await asyncio.wait({starting, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if not starting.done():
        starting.cancel()
        await asyncio.wait({starting})
        return
    console.print(page(starting.result()))
    await waiting
    await cloud.stop()


def _invoked(sdk: "Sdk", function: str, event: bytes) -> dict[str, Any]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        answer: dict[str, Any] = sdk.client("lambda").invoke(FunctionName=function, Payload=event)
    except ClientError as exc:
        raise NotFound(exc.response["Error"]["Message"]) from exc
    except BotoCoreError as exc:
        raise ConfigurationError(f"{function} cannot be reached: {exc}") from exc
    return answer


def _event(path: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as exc:
        raise InvalidInput(f"{path} cannot be read: {exc.strerror}") from exc


def _line(name: str, line: str, files: int) -> str:
    return line if files == 1 else f"{name}: {line}"


def _place(home: Path | None) -> "StateDirectory":
    from infra.laptop.state import StateDirectory

    return StateDirectory(home) if home else StateDirectory()
