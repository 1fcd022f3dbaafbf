"""The template's state machines, made in moto, which interprets them; what ran before a restart is started again."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from infra.laptop.errors import SetupError
from infra.laptop.intrinsic import Resolver
from infra.laptop.resources.execution_journal import running_executions
from infra.laptop.sdk import Client
from infra.laptop.template import load, refuse_properties, source

TAKEN = ("DefinitionS3Location", "DefinitionString", "DefinitionSubstitutions", "StateMachineName", "StateMachineType")
LEFT_OUT = (
    "EncryptionConfiguration",
    "LoggingConfiguration",  # the history is there to be asked for
    "RoleArn",  # nobody is asked for permission
    "Tags",
    "TracingConfiguration",
)
NOBODY = "arn:aws:iam::123456789012:role/nobody"

logger = logging.getLogger(__name__)


def make_state_machine(resolver: Resolver, client: Client, logical_id: str, properties: Mapping[str, Any]) -> None:
    """Create the state machine from its definition's file in the repository.

    Raises:
        SetupError: a property nobody handles here, or a kind of machine that moto cannot run.
    """
    refuse_properties(logical_id, properties, (*TAKEN, *LEFT_OUT))
    wanted = resolver.resolve({name: properties[name] for name in TAKEN if name in properties})
    if wanted.get("StateMachineType", "STANDARD") != "STANDARD":
        raise SetupError(f"{logical_id} is of a type that the laptop cannot run: only STANDARD")
    name = wanted.get("StateMachineName", logical_id)
    definition = wanted.get("DefinitionString") or _file(resolver, logical_id)
    for placeholder, value in wanted.get("DefinitionSubstitutions", {}).items():
        definition = definition.replace(f"${{{placeholder}}}", str(value))
    machines = client("stepfunctions")
    arn = machines.create_state_machine(name=name, definition=definition, roleArn=NOBODY)["stateMachineArn"]
    resolver.refs[logical_id] = resolver.attributes[logical_id, "Arn"] = arn
    resolver.attributes[logical_id, "Name"] = name


def _file(resolver: Resolver, logical_id: str) -> str:
    """The definition's content: only the template as written still says where it lies."""
    written = source(resolver.template)
    path: str = load(written)["Resources"][logical_id]["Properties"]["DefinitionUri"]
    return (written.parent / path).read_text(encoding="utf-8")


def restart_executions(client: Client, running: Path) -> int:
    """Start every execution that ran when the laptop went away, from its beginning, under its name and with its input.

    One that cannot be started is logged, and stays written down. Returns how many were started.
    """
    started = 0
    for arn, one in running_executions(running).items():
        try:
            client("stepfunctions").start_execution(
                stateMachineArn=one["machine"], name=one["name"], input=one["input"]
            )
        except ClientError as exc:
            logger.warning("%s cannot be started again: %s", arn, exc)
        else:
            started += 1
    return started
