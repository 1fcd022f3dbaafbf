"""What `sam local` is started with, so that functions in containers work on the laptop cloud that runs."""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.laptop.sdk import NO_ACCOUNT

ENDPOINT = "AWS_ENDPOINT_URL"


@dataclass(frozen=True, slots=True)
class SamLocal:
    """The SAM CLI on a built template. `variables` is the file of the functions' own, `access_key` opens the bridge."""

    program: Path
    template: Path
    variables: Path
    access_key: str
    pulls: bool

    @property
    def environment(self) -> Mapping[str, str]:
        """What the program gets: no account of anybody's, nothing told to anybody."""
        keys = {"AWS_ACCESS_KEY_ID": self.access_key, "AWS_SECRET_ACCESS_KEY": self.access_key}
        return os.environ | NO_ACCOUNT | keys | {"SAM_CLI_TELEMETRY": "0"}

    def command(self, *words: str) -> Sequence[str]:
        """Its command line."""
        given = ["--template-file", str(self.template), "--env-vars", str(self.variables)]
        return [str(self.program), "local", *words, *given, *([] if self.pulls else ["--skip-pull-image"])]

    def invoke(self, function: str, event: Path, within_s: float) -> "Invoked":
        """Runs a function once, in a container of its own."""
        done = subprocess.run(  # noqa: S603 sam
            self.command("invoke", function, "--event", str(event)),
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=within_s,
            check=False,
        )
        return Invoked(done.returncode, done.stdout, done.stderr)


@dataclass(frozen=True, slots=True)
class Invoked:
    """How it ended: the exit status, the response as printed, and the function's log."""

    status: int
    printed: str
    log: str

    @property
    def response(self) -> object:
        """The response. Raises ValueError: there is none."""
        return json.loads(self.printed)


def write_variables(
    path: Path, functions: Mapping[str, Mapping[str, str]], endpoint: str, otherwise: Mapping[str, str]
) -> None:
    """Writes what each function is told: as on the laptop cloud, but for the endpoint and what is said `otherwise`.

    Only its owner reads the file. `sam local` sets of it what the template declares.
    """
    told = {name: {**own, ENDPOINT: endpoint, **_known(otherwise, own)} for name, own in functions.items()}
    path.touch(mode=0o600)
    path.write_text(json.dumps(told, indent=2), encoding="utf-8")


def _known(otherwise: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in otherwise.items() if name in own}
