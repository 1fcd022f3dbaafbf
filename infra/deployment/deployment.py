"""One deployment, from its first look at the account to its first scored file."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fraudshield import __version__
from infra import stack_upgrade
from infra.deployment import sam, stack
from infra.deployment.finding import DeploymentStopped, Finding, hindrances, refusals_told
from infra.deployment.preflight import Preflight
from infra.deployment.smoke import TriedApi, try_out
from infra.deployment.target import Client, Target, Tell
from infra.laptop.template import Template, load

LOGS_ROLE = "ApiGatewayAccount"
Complete = Callable[[str], Any]  # gives what earlier versions stored in a stack what they lack
Reach = Callable[[str, str], TriedApi]  # an API by its URL and the id of a key


@dataclass(frozen=True, slots=True)
class Tools:
    """What a deployment works with."""

    client: Client
    run: sam.Run
    reach: Reach
    complete: Complete
    tell: Tell
    pause: Callable[[float], object] = time.sleep


@dataclass(frozen=True, slots=True)
class Project:
    """What it deploys: the template after SAM's transform and as it will be built, the CLI, an example to try out."""

    template: Template
    built: Path
    sam: Path
    example: Path


def deploy(target: Target, project: Project, tools: Tools) -> stack.Stack:
    """Looks, builds, deploys, completes and tries out; returns the stack that runs.

    It may be repeated at any time: what is done already is found, and the rest goes on.

    Raises:
        DeploymentStopped: it would fail, or failed; the message says what to do.
    """
    with refusals_told():
        return _deploy(target, project, tools)


def _deploy(target: Target, project: Project, tools: Tools) -> stack.Stack:
    preflight = Preflight(tools.client, target, project.template)
    _told(preflight.look(), tools.tell, "Nothing was changed")
    before = stack.find(tools.client, target.stack)
    target = _with_logs_role(target, before, tools.client)
    tools.tell("build: every layer and function, for " + target.architecture)
    sam.build(target, tools.run)
    for template in _templates(target, before, project, tools):
        tools.tell(f"deploy: {template.name}")
        sam.deploy(target, template, project.sam, tools.run)
    tools.complete(target.stack)
    after = stack.find(tools.client, target.stack)
    if after is None or not after.status.endswith("_COMPLETE"):
        raise DeploymentStopped(f"{target.stack} is {after.status if after else 'not there'} after its deployment")
    api = tools.reach(after.outputs["ApiUrl"], after.outputs["AdminKeyId"])
    _told(
        try_out(api, __version__, project.example, tools.pause),
        tools.tell,
        f"{target.stack} is deployed and does not work yet",
    )
    return after


def _with_logs_role(target: Target, before: stack.Stack | None, client: Client) -> Target:
    """A new stack leaves the role alone that the account's API Gateway logs through; an old one keeps what it had."""
    if (
        before is not None
        or LOGS_ROLE in target.parameters
        or not client("apigateway").get_account().get("cloudwatchRoleArn")
    ):
        return target
    return replace(target, parameters={**target.parameters, LOGS_ROLE: "existing"})


def _templates(target: Target, before: stack.Stack | None, project: Project, tools: Tools) -> list[Path]:
    """What is deployed one after the other: CloudFormation makes or deletes one index of a table in an update."""
    if before is None or before.status == stack.BEGUN:
        return [project.built]
    deployed = _read(stack.template_of(tools.client, target.stack), project.built.with_name("deployed.yaml"))
    steps = stack_upgrade.steps(deployed, load(project.built))
    return stack_upgrade.write(steps, project.built.parent) if len(steps) > 1 else [project.built]


def _read(body: Any, aside: Path) -> Template:
    if isinstance(body, dict):
        template: Template = body  # type: ignore[assignment]
        return template
    aside.write_text(body, encoding="utf-8")
    return load(aside)


def _told(findings: Iterable[Finding], tell: Tell, otherwise: str) -> None:
    """Tells each. Raises DeploymentStopped where one hinders."""
    seen = []
    for one in findings:
        seen.append(one)
        tell(f"{one.weight:>4}  {one.what}: {one.says}")
    if hindering := hindrances(seen):
        raise DeploymentStopped(f"{otherwise}: {'; '.join(one.says for one in hindering)}")
