"""A deployment against an account that is played: what is asked and done in which order, and every failure once."""

import stat
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from fraudshield import __version__
from fraudshield.errors import FraudShieldError, InvalidInput, Unavailable
from infra.cli.path import SAM_SETTINGS, TEMPLATE, TRANSACTIONS
from infra.deployment.deployment import Project, Tools, deploy
from infra.deployment.finding import DeploymentStopped
from infra.deployment.target import Target, of_stage
from infra.laptop.template import load
from tests.stack import template
from tests.unit.infra.deployment.played_aws import PlayedAws, PlayedPrograms, refused

ABSENT = refused("ValidationError", "DescribeStacks")
SECRET = "a-key-of-at-least-20-characters"
TARGET = Target("dev", "eu-west-1", "x86_64", {"FromEmail": "fraud@example.com", "TestApiKey": SECRET})


def stack(status: str = "CREATE_COMPLETE", description: str = "FraudShield: scores payments", **more: str) -> Any:
    outputs = {"ApiUrl": "https://api.example", "AdminKeyId": "k-admin", "Version": __version__} | more
    listed = [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()]
    return {"Stacks": [{"StackStatus": status, "Description": description, "Outputs": listed}]}


def account(**changes: Any) -> PlayedAws:
    """An account where all is well; the stack is not there before the deployment, and is after it."""
    answers: dict[str, Any] = {
        "sts.get_caller_identity": {"Account": "123456789012", "Arn": "arn:aws:iam::123456789012:user/deployer"},
        "cloudformation.describe_stacks": [ABSENT, ABSENT, stack()],
        "lambda.get_account_settings": {"AccountLimit": {"ConcurrentExecutions": 1000}},
        "sesv2.get_account": {"ProductionAccessEnabled": True},
        "sesv2.get_email_identity": {"VerifiedForSendingStatus": True},
        "apigateway.get_account": {},
    }
    return PlayedAws(answers | {name.replace("__", "."): answer for name, answer in changes.items()})


@dataclass
class FakeApi:
    """An API that works; `broken` is what does not."""

    broken: str = ""
    tried: list[str] = field(default_factory=list)

    def _try(self, what: str) -> bool:
        self.tried.append(what)
        return self.broken == what

    def version(self) -> str:
        return "0.0.1" if self._try("health") else __version__

    def asks_for_a_key(self) -> bool:
        return not self._try("key")

    def decide(self) -> str:
        if self._try("payment"):
            raise InvalidInput("no payment is taken")
        return "approve"

    def score(self, file: Path, within_s: float) -> tuple[int, int]:
        if self._try("file"):
            raise Unavailable("the job is failed")
        return 1200, 1200


@dataclass
class World:
    """What a deployment meets, and what it told."""

    aws: PlayedAws = field(default_factory=account)
    programs: PlayedPrograms = field(default_factory=PlayedPrograms)
    api: FakeApi = field(default_factory=FakeApi)
    told: list[str] = field(default_factory=list)
    reached: list[tuple[str, str]] = field(default_factory=list)
    completed: list[str] = field(default_factory=list)
    paused: list[float] = field(default_factory=list)

    def tools(self) -> Tools:
        programs = self.programs.run
        return Tools(
            self.aws.client, programs, self._reach, self.completed.append, self.told.append, self.paused.append
        )

    def _reach(self, url: str, key_id: str) -> FakeApi:
        self.reached.append((url, key_id))
        return self.api


@pytest.fixture
def project(tmp_path: Path) -> Project:
    built = tmp_path / "build/template.yaml"
    built.parent.mkdir()
    built.write_text(TEMPLATE.read_text(encoding="utf-8"), encoding="utf-8")
    return Project(template(), built, Path("/venv/bin/sam"), TRANSACTIONS)


def deployed(world: World, project: Project, target: Target = TARGET) -> Any:
    return deploy(target, project, world.tools())


def templates(programs: PlayedPrograms) -> list[str]:
    """The files that were deployed, in order."""
    return [Path(command[command.index("--template-file") + 1]).name for command in programs.ran if "deploy" in command]


def test_a_first_deployment_looks_builds_deploys_and_tries_out(project: Project) -> None:
    world = World()
    assert deployed(world, project).outputs["ApiUrl"] == "https://api.example"
    assert [one.split(":")[0].split()[-1] for one in world.told] == [
        *("credentials", "region", "name", "concurrency", "mail", "logs", "limits"),
        *("build", "deploy", "health", "key", "payment", "file"),
    ]
    assert world.programs.ran[0] == ["make", "build", "ARCHITECTURE=x86_64"]
    assert templates(world.programs) == ["template.yaml"]
    assert (world.completed, world.reached) == (["fraudshield-dev"], [("https://api.example", "k-admin")])
    assert world.api.tried == ["health", "key", "payment", "file"]


def test_it_asks_no_question_and_no_key_is_an_argument(project: Project) -> None:
    world = World()
    deployed(world, project)
    [_, command] = world.programs.ran
    assert {"--no-confirm-changeset", "--no-fail-on-empty-changeset"} <= {*command}
    assert "--guided" not in command
    assert SECRET not in " ".join(command)
    assert f'TestApiKey = "{SECRET}"' in world.programs.settings[0]


def test_what_it_gives_sam_is_its_owners_to_read_and_gone_afterwards(project: Project) -> None:
    modes: list[int] = []

    def run(command: Sequence[str]) -> int:
        if "--config-file" in command:
            modes.append(stat.S_IMODE(Path(command[command.index("--config-file") + 1]).stat().st_mode))
            modes.append(Path(command[command.index("--config-file") + 1]).parent.stat().st_mode & 0o077)
        return world.programs.run(command)

    world = World()
    tools = world.tools()
    deploy(TARGET, project, Tools(tools.client, run, tools.reach, tools.complete, tools.tell))
    command = world.programs.ran[-1]
    assert modes == [0o600, 0]
    assert not Path(command[command.index("--config-file") + 1]).exists()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"sts__get_caller_identity": refused("ExpiredToken")}, "ExpiredToken"),
        ({"cloudformation__describe_stacks": stack(description="A shop")}, "something else"),
        ({"cloudformation__describe_stacks": stack("UPDATE_IN_PROGRESS")}, "wait until"),
        ({"cloudformation__describe_stacks": stack("ROLLBACK_COMPLETE")}, "delete-stack"),
        ({"cloudformation__describe_stacks": stack("UPDATE_ROLLBACK_FAILED")}, "continue-update-rollback"),
    ],
)
def test_where_it_would_fail_nothing_is_begun(project: Project, changes: dict[str, Any], says: str) -> None:
    world = World(account(**changes))
    with pytest.raises(DeploymentStopped, match=says):
        deployed(world, project)
    assert world.programs.ran == []


def test_a_region_that_is_none_is_named_with_the_one_that_was_meant(project: Project) -> None:
    world = World()
    with pytest.raises(DeploymentStopped, match=r"eu-wset-1 is none that is known here; eu-west-1\?"):
        deployed(world, project, Target("dev", "eu-wset-1"))
    assert world.programs.ran == []


def test_executions_that_cannot_be_reserved_stop_it(project: Project) -> None:
    reserving = deepcopy(template())
    reserving["Resources"]["ModelFunction"]["Properties"]["ReservedConcurrentExecutions"] = 50
    world = World(account(lambda__get_account_settings={"AccountLimit": {"ConcurrentExecutions": 120}}))
    with pytest.raises(DeploymentStopped, match="50 would be reserved"):
        deployed(world, replace(project, template=reserving))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"sesv2__get_account": {"ProductionAccessEnabled": False}}, "confirmed addresses only"),
        ({"sesv2__get_email_identity": {"VerifiedForSendingStatus": False}}, "create-email-identity"),
        ({"sesv2__get_email_identity": refused("NotFoundException")}, "create-email-identity"),
        ({"sesv2__get_account": refused("AccessDeniedException")}, "AWS did not say"),
        ({"lambda__get_account_settings": {"AccountLimit": {"ConcurrentExecutions": 10}}}, "only 10 executions"),
    ],
)
def test_what_does_not_hinder_is_noted_and_it_goes_on(project: Project, changes: dict[str, Any], told: str) -> None:
    world = World(account(**changes))
    deployed(world, project)
    assert [line for line in world.told if line.startswith("note") and told in line]


@pytest.mark.parametrize(("fails", "templates_deployed"), [("build", 0), ("deploy", 1)])
def test_a_program_that_fails_ends_it(project: Project, fails: str, templates_deployed: int) -> None:
    world = World(programs=PlayedPrograms(fails))
    with pytest.raises(DeploymentStopped, match="exit status 1"):
        deployed(world, project)
    assert (len(templates(world.programs)), world.reached) == (templates_deployed, [])


@pytest.mark.parametrize("broken", ["health", "key", "payment", "file"])
def test_an_api_that_does_not_work_is_said_and_tried_no_further(project: Project, broken: str) -> None:
    world = World(api=FakeApi(broken))
    with pytest.raises(DeploymentStopped, match="is deployed and does not work yet"):
        deployed(world, project)
    assert world.api.tried[-1] == broken


def test_a_key_that_is_not_known_everywhere_yet_is_tried_again(project: Project) -> None:
    world = World(api=OneRefusal())
    deployed(world, project)
    assert world.api.tried == ["health", "key", "payment", "payment", "file"]
    assert len(world.paused) == 1


class OneRefusal(FakeApi):
    """An API that knows its key at the second try."""

    def decide(self) -> str:
        self.tried.append("payment")
        if self.tried.count("payment") == 1:
            raise FraudShieldError("the key is not known")
        return "approve"


def test_indexes_that_differ_are_deployed_one_by_one(project: Project) -> None:
    before = older()
    world = World(
        account(
            cloudformation__describe_stacks=[stack(), stack(), stack("UPDATE_COMPLETE")],
            cloudformation__get_template={"TemplateBody": before},
        )
    )
    deployed(world, project)
    assert templates(world.programs) == ["upgrade-01-make-by_day.json", "upgrade-02-release.json"]
    assert world.completed == ["fraudshield-dev"]


def test_a_stack_of_this_version_is_deployed_as_it_was_built(project: Project) -> None:
    body = project.built.read_text(encoding="utf-8")
    same = account(
        cloudformation__describe_stacks=[stack(), stack(), stack("UPDATE_COMPLETE")],
        cloudformation__get_template={"TemplateBody": body},
    )
    world = World(same)
    deployed(world, project)
    assert templates(world.programs) == ["template.yaml"]


def test_a_stack_that_is_not_whole_afterwards_is_not_called_deployed(project: Project) -> None:
    world = World(account(cloudformation__describe_stacks=[ABSENT, ABSENT, stack("UPDATE_ROLLBACK_FAILED")]))
    with pytest.raises(DeploymentStopped, match="UPDATE_ROLLBACK_FAILED"):
        deployed(world, project)


@pytest.mark.parametrize(("role", "passed"), [("arn:aws:iam::1:role/logs", True), (None, False)])
def test_the_role_that_an_accounts_apis_log_through_is_left_alone(
    project: Project, role: str | None, passed: bool
) -> None:
    world = World(account(apigateway__get_account={"cloudwatchRoleArn": role} if role else {}))
    deployed(world, project)
    assert ('ApiGatewayAccount = "existing"' in world.programs.settings[0]) == passed


def test_a_stage_has_the_parameters_of_sams_own_file() -> None:
    assert of_stage(SAM_SETTINGS, "prod")["DeletionProtection"] == "true"
    assert of_stage(SAM_SETTINGS, "somewhere") == {}


@pytest.mark.parametrize("stage", ["", "Prod", "a b", "-x", "a" * 21, "prod;rm"])
def test_a_stage_that_no_stack_can_be_called_by_is_refused(stage: str) -> None:
    with pytest.raises(InvalidInput, match="The stage is"):
        Target(stage, "eu-west-1")


def older() -> Any:
    """The template of a version without one of today's indexes."""
    before: Any = load(TEMPLATE)
    table = before["Resources"]["TransactionsTable"]["Properties"]
    table["GlobalSecondaryIndexes"] = [
        index for index in table["GlobalSecondaryIndexes"] if index["IndexName"] != "by_day"
    ]
    return before
