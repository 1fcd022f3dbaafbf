"""`fraudshield upgrade`: what an earlier release stored becomes what this one reads."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from yaml import YAMLError

from fraudshield.errors import ConfigurationError, NotFound
from infra.cli.application import FRAUDSHIELD
from infra.deployment.stack import table_names
from infra.laptop import template
from infra.laptop.errors import SetupError
from infra.laptop.process import dynamodb_engine
from infra.laptop.process.dynamodb_engine import DynoxideEngine, ExternalEngine
from infra.laptop.process.port import free
from infra.laptop.sdk import Sdk, default_client
from infra.laptop.state import StateDirectory
from infra.laptop.upgrading import upgrade_tables
from infra.slot_filling import Tables, fill_slots
from infra.stack_upgrade import steps, write

Tell = Callable[[str], Any]


def fill(dynamodb: Any, tell: Tell) -> None:
    """Gives stored payments what they lack, in tables that are called as in the template."""
    filled = fill_slots(dynamodb, Tables(), tell)
    if filled:
        tell(f"{filled} payments are found by their entities now")


def laptop(home: Path, settings: Mapping[str, str], parameters: Mapping[str, str], tell: Tell) -> None:
    """Upgrades what lies in `home`, or in the engine that the settings name, while nothing runs there.

    Raises SetupError: something runs, or what is there differs by more than indexes.
    """
    state = StateDirectory(home)
    with state.held(FRAUDSHIELD.name, FRAUDSHIELD.stop_advice):
        engine = dynamodb_engine.choose(settings, home)
        if not isinstance(engine, DynoxideEngine | ExternalEngine):
            tell(f"There is nothing to upgrade: the data are in memory only ({engine.name})")
            return
        if isinstance(engine, DynoxideEngine) and not engine.database.exists():
            tell(f"There is nothing to upgrade: {home} has no {engine.database.name}")
            return
        state.logs.mkdir(parents=True, exist_ok=True)
        with dynamodb_engine.serve(engine, free(0), "", state.logs) as endpoint:
            client = Sdk("", endpoint, "").client("dynamodb")
            upgraded = upgrade_tables(template.expand(FRAUDSHIELD.template), parameters, client, engine, tell)
            fill(client, tell)
    tell(f"Upgraded: {', '.join(upgraded)}" if upgraded else "The tables are as this version has them")


def templates(deployed: Path, built: Path) -> list[Path]:
    """Writes the templates that lead from a deployed one to the built one, beside that one; returns them in order.

    Raises SetupError: one of them is no template of ours.
    """
    try:
        return write(steps(template.load(deployed), template.load(built)), built.parent)
    except (KeyError, TypeError, AttributeError, OSError, YAMLError) as exc:
        raise SetupError(f"{deployed} and {built} should be templates of FraudShield, and one is not") from exc


def stack(name: str, tell: Tell) -> None:
    """Gives payments of a stack what they lack. Raises NotFound, ConfigurationError: AWS refuses, or is not there."""
    complete(default_client, name, tell)


def complete(client: Callable[[str], Any], name: str, tell: Tell) -> None:
    """The same with clients of a region. Raises NotFound, ConfigurationError."""
    try:
        called = table_names(client, name)
        wanted = asdict(Tables()).values()
        if not {*wanted} <= called.keys():
            raise NotFound(f"{name} is no stack of FraudShield's")
        filled = fill_slots(client("dynamodb"), Tables(*(called[one] for one in wanted)), tell)
    except (BotoCoreError, ClientError) as exc:
        raise ConfigurationError(f"{name} cannot be upgraded: {exc}") from exc
    tell(f"{filled} payments are found by their entities now" if filled else "All payments have their keys")
