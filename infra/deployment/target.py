"""Where a deployment goes: a stage in a region, and with what."""

import re
import time
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3

from fraudshield.errors import InvalidInput

Client = Callable[[str], Any]  # a service's name to a boto3 client of the target's region
Tell = Callable[[str], Any]

STAGE = re.compile(r"[a-z][a-z0-9-]{0,19}")  # as the template's parameter Stage


@dataclass(frozen=True, slots=True)
class Target:
    """A stage in a region. `parameters` are the template's beside those that have fields here, secrets among them.

    `release` tells this deployment from the one before, by its second in hexadecimal.
    """

    stage: str
    region: str
    architecture: str = "x86_64"
    parameters: Mapping[str, str] = field(default_factory=dict, repr=False)
    release: str = field(default_factory=lambda: f"{int(time.time()):x}")

    def __post_init__(self) -> None:
        """Raises InvalidInput: the stage is none."""
        if not STAGE.fullmatch(self.stage):
            raise InvalidInput(
                f"The stage is {self.stage[:40]!r}; expected a small letter, then up to 19 letters, digits or hyphens"
            )

    @property
    def stack(self) -> str:
        """The stack's name, as samconfig.toml has it for its stages."""
        return f"fraudshield-{self.stage}"

    @property
    def all_parameters(self) -> dict[str, str]:
        """What CloudFormation is given; what is left out keeps the value it had, or has the template's default."""
        return {
            "Stage": self.stage,
            "Architecture": self.architecture,
            "Release": self.release,
            **self.parameters,
        }


def clients(region: str) -> Client:
    """Clients of a region, with the user's own credentials."""
    session: Any = boto3.session.Session(region_name=region)  # each service's client has a type of its own
    client: Client = session.client
    return client


def of_stage(samconfig: Path, stage: str) -> dict[str, str]:
    """The parameters that SAM's own file has for a stage, but for its name; none for one that it does not know."""
    known = tomllib.loads(samconfig.read_text(encoding="utf-8")).get(stage, {})
    overrides = str(known.get("global", {}).get("parameters", {}).get("parameter_overrides", ""))
    given = dict(one.split("=", 1) for one in overrides.split())
    given.pop("Stage", None)
    return given
