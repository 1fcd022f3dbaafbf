"""`fraudshield containers`: the laptop cloud that runs, for functions that `sam local` starts in containers."""
# ruff: noqa: PLC0415 as in main: help should not wait for an SDK

import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fraudshield.errors import ConfigurationError, InvalidInput
from infra.cli.laptop import Home
from infra.cli.path import HOME

if TYPE_CHECKING:
    from infra.container.engine import ContainerEngine
    from infra.laptop.state import CloudAddress

SCOPES = ("score", "analyst", "admin")

app = typer.Typer()


@app.command(epilog="Exit codes: 0 ended by Ctrl-C; 2 there is no container engine, or no API runs.")
def containers(
    variables: Annotated[
        Path | None, typer.Option(help="Where --env-vars of sam local goes; .local/containers.json by default.")
    ] = None,
    keyless_scope: Annotated[
        str, typer.Option(help="What who sends no key may do: sam local start-api passes no key's id.")
    ] = "",
    home: Home = None,
) -> None:
    """Let containers reach the API that runs here, until Ctrl-C, and say how sam local joins it."""
    from infra.container.engine import container_engine
    from infra.laptop.errors import SetupError
    from infra.laptop.state import StateDirectory

    folder = home or HOME
    if keyless_scope and keyless_scope not in SCOPES:
        raise InvalidInput(f"--keyless-scope is one of {', '.join(SCOPES)}, not {keyless_scope[:40]!r}")
    running = StateDirectory(folder).running()
    if running is None:
        raise ConfigurationError("Nothing runs here; `fraudshield up` starts it")
    try:
        engine = container_engine()
    except SetupError as exc:
        raise ConfigurationError(str(exc)) from exc
    asyncio.run(_joined(running, engine, variables or folder / "containers.json", keyless_scope))


async def _joined(running: "CloudAddress", engine: "ContainerEngine", variables: Path, keyless_scope: str) -> None:
    from secrets import token_hex

    from infra.container.bridge import Services, bridge
    from infra.container.sam_local import write_variables
    from infra.laptop.sdk import KEY, REGION

    access_key, enough = token_hex(16), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, enough.set)
    own = {"dynamodb": running.sdk.dynamodb, "lambda": running.sdk.functions}
    async with bridge(engine.address, Services(running.sdk.services, own, KEY), access_key) as port:
        endpoint = f"http://{engine.host}:{port}"
        write_variables(variables, running.environments, endpoint, {"KEYLESS_SCOPE": keyless_scope})
        pull = "--skip-pull-image" if engine.has_image else ""
        typer.echo(f"Containers reach it at {endpoint}, with the access key of this run:\n")
        typer.echo(f"export AWS_ACCESS_KEY_ID={access_key} AWS_SECRET_ACCESS_KEY={access_key} AWS_REGION={REGION}")
        typer.echo(
            f"sam local invoke ModelFunction --event events/model_api_score.json --env-vars {variables} {pull}".strip()
        )
        await enough.wait()
