"""The SAM CLI, run without a question. Parameters go to it in a file that only its owner reads, never as arguments."""

import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from infra.deployment.finding import DeploymentStopped
from infra.deployment.target import Target

Run = Callable[[Sequence[str]], int]  # runs a program whose output the user sees; its exit status

STAGE = "deployment"  # the configuration's environment in the file that is written


def run(command: Sequence[str]) -> int:
    """Runs it here, without questions and without telling anybody."""
    told = os.environ | {"SAM_CLI_TELEMETRY": "0"}
    return subprocess.run(command, stdin=subprocess.DEVNULL, env=told, check=False).returncode  # noqa: S603 sam and make


def build(target: Target, make: Run) -> None:
    """Builds what is deployed, as `make build` does. Raises DeploymentStopped."""
    _well(make(["make", "build", f"ARCHITECTURE={target.architecture}"]), "The build failed")


def deploy(target: Target, template: Path, sam: Path, make: Run) -> None:
    """Deploys a built template; a stack that has nothing to change is well. Raises DeploymentStopped."""
    with tempfile.TemporaryDirectory(prefix="fraudshield-") as folder:
        settings = Path(folder) / "samconfig.toml"
        settings.touch(mode=0o600)
        settings.write_text(_configuration(target), encoding="utf-8")
        command = [
            *(str(sam), "deploy", "--template-file", str(template), "--config-file", str(settings)),
            *("--config-env", STAGE, "--stack-name", target.stack, "--region", target.region),
            *("--resolve-s3", "--s3-prefix", target.stack, "--capabilities", "CAPABILITY_IAM"),
            *("--no-confirm-changeset", "--no-fail-on-empty-changeset", "--no-progressbar"),
            *("--tags", f"application=fraudshield stage={target.stage}"),
        ]
        _well(make(command), f"CloudFormation did not take {template.name}; what was there before is there still")


def _configuration(target: Target) -> str:
    """SAM's own file: a JSON string is a TOML one."""
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in target.all_parameters.items()]
    return "\n".join(["version = 0.1", f"[{STAGE}.deploy.parameters.parameter_overrides]", *lines, ""])


def _well(status: int, otherwise: str) -> None:
    if status:
        raise DeploymentStopped(f"{otherwise} (exit status {status}); its output above says why")
