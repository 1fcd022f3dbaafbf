"""`fraudshield deploy` and `fraudshield destroy`: the template in an account of yours, and out of it."""
# ruff: noqa: PLC0415 as in main: help should not wait for an SDK

from typing import TYPE_CHECKING, Annotated

import typer

from fraudshield.errors import InvalidInput
from infra.cli.path import BUILT, ENV_FILE, HOME, SAM, SAM_SETTINGS, TEMPLATE, TRANSACTIONS
from infra.cli.setting import settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.deployment.stack import Kept, Stack
    from infra.deployment.target import Client, Target

Stage = Annotated[str, typer.Option(help="Part of the stack's name and of the URL, such as prod.")]
Region = Annotated[str, typer.Option(help="Where; else AWS_REGION, else your profile's.", show_default=False)]
Architecture = Annotated[str, typer.Option(help="x86_64, or arm64 for Graviton.")]

app = typer.Typer()


@app.command(epilog="Exit codes: 0 it runs and was tried out; 2 it does not, and the last line says why.")
def deploy(stage: Stage = "dev", region: Region = "", architecture: Architecture = "") -> None:
    """Deploy to AWS without a question: look first, build, deploy, then score a payment and a file there.

    Settings of the environment and .env become the template's parameters; your AWS credentials are the usual ones.
    Safe to repeat: what was cut off goes on.
    """
    from infra.cli import terminal, upgrade
    from infra.deployment import sam
    from infra.deployment.api import DeployedApi, key_of
    from infra.deployment.deployment import Project, Tools
    from infra.deployment.deployment import deploy as deployed
    from infra.laptop.template import expand
    from infra.parameter import parameters

    console = terminal.results()
    client, target = _target(stage, region, architecture, parameters(settings(ENV_FILE)))

    def tell(text: str) -> None:
        terminal.say(console, text)

    tools = Tools(
        client=client,
        run=sam.run,
        reach=lambda url, key_id: DeployedApi(url, key_of(client, key_id)),
        complete=lambda name: upgrade.complete(client, name, tell),
        tell=tell,
    )
    stack = deployed(target, Project(expand(TEMPLATE), BUILT, SAM, TRANSACTIONS), tools)
    for line in _summary(target, stack):
        tell(line)


@app.command(epilog="Exit codes: 0 done; 2 something stays that was to go.")
def destroy(
    stage: Stage = "dev",
    region: Region = "",
    yes: Annotated[bool, typer.Option("--yes", help="Delete the stack; its data stay.")] = False,
    data_of: Annotated[str, typer.Option(help="The stack's name once more: its data go too, for good.")] = "",
) -> None:
    """Name what a stack leaves behind; with --yes delete the stack, with --data-of NAME as well all it has kept."""
    from infra.cli import terminal
    from infra.deployment import removal
    from infra.deployment.finding import refusals_told

    console = terminal.results()
    client, target = _target(stage, region, "", {})
    if data_of and (data_of != target.stack or not yes):
        raise InvalidInput(f"Data go with --yes --data-of {target.stack} only; nothing was removed")

    def tell(text: str) -> None:
        terminal.say(console, text)

    with refusals_told():
        kept = removal.kept_by(target, client, HOME / f"kept-by-{target.stack}-{target.region}.json")
    for line in _kept_lines(target, kept):
        tell(line)
    if not yes:
        tell(f"nothing was removed; --yes deletes the stack, --yes --data-of {target.stack} its data too")
        return
    with refusals_told():
        removal.delete_stack(target, client, tell)
        left = removal.remove(kept, client, tell) if data_of else []
    for one in left:
        tell(f"stays: {one.logical_id} ({one.name}), through which other APIs of the account may log")


@app.command(epilog="Exit codes: 0 done; 2 a table is not there, or is no copy of the one that takes.")
def restore(
    tables: Annotated[list[str], typer.Argument(metavar="TABLE=RESTORED...", help="Such as TransactionsTable=copy.")],
    stage: Stage = "dev",
    region: Region = "",
) -> None:
    """Put what is missing in a stack's tables there from tables that point-in-time recovery made.

    What is there already stays as it is; safe to repeat, and while payments are scored.
    """
    from infra.cli import terminal
    from infra.deployment import stack
    from infra.deployment.finding import refusals_told
    from infra.deployment.restore import restore as restored

    console = terminal.results()
    client, target = _target(stage, region, "", {})

    def tell(text: str) -> None:
        terminal.say(console, text)

    wanted = dict(one.split("=", 1) for one in tables if "=" in one)
    if len(wanted) < len(tables):
        raise InvalidInput(f"Tables are given as TransactionsTable=copy, each once; found {', '.join(tables)[:200]}")
    with refusals_told():
        names = stack.table_names(client, target.stack)
        if unknown := sorted(wanted.keys() - names.keys()):
            raise InvalidInput(f"{target.stack} has no {unknown[0]}; it has {', '.join(sorted(names))}")
        dynamodb = client("dynamodb")
        done = restored(dynamodb, dynamodb, {names[one]: wanted[one] for one in wanted}, tell)
    for name, one in done.items():
        tell(f"{name}: {one.put:,} items put, {one.there:,} were there")


def _target(stage: str, region: str, architecture: str, given: "dict[str, str]") -> "tuple[Client, Target]":
    import boto3

    from infra.deployment.target import Target, clients, of_stage

    where = region or boto3.session.Session().region_name
    if not where:
        raise InvalidInput("No region is named: --region eu-west-1, or AWS_REGION, or your profile's")
    configured = of_stage(SAM_SETTINGS, stage)
    wanted = architecture or configured.pop("Architecture", "x86_64")
    target = Target(stage, where, wanted, {**configured, **given})
    return clients(where), target


def _summary(target: "Target", stack: "Stack") -> list[str]:
    from infra.laptop.template import expand
    from infra.price.idle import idle_month

    key = f"aws apigateway get-api-key --region {target.region} --include-value --query value --output text --api-key"
    outputs = stack.outputs
    dollars = sum(one.dollars for one in idle_month(expand(TEMPLATE)))
    return [
        f"up: {outputs['ApiUrl']} (version {outputs['Version']})",
        f"scoring key: {key} {outputs['ScoreKeyId']}",
        f"analyst key: {key} {outputs['AnalystKeyId']}",
        f"admin key: {key} {outputs['AdminKeyId']}",
        f"files: aws s3 cp payments.csv s3://{outputs['JobsBucketName']}/incoming/",
        f"price: about ${dollars:.2f} in a month in which nobody calls (`make cost`)",
    ]


def _kept_lines(target: "Target", kept: "Sequence[Kept]") -> list[str]:
    if not kept:
        return [f"{target.stack} keeps nothing that is known here"]
    lines = [f"  {one.logical_id:<28} {one.kind:<28} {one.name}" for one in kept]
    return [f"{target.stack} keeps these when it is deleted:", *lines]
