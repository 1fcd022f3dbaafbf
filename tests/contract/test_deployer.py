"""The role that a pipeline deploys with: for one repository's environment, and what is named after one stage."""

import re
from collections.abc import Callable
from copy import deepcopy
from functools import lru_cache
from typing import Any

import pytest
import yaml

from infra.laptop.template import load
from tests.contract.expanded import ROOT, as_list

# Where AWS knows no resource, or none with a name of ours: reads, but for the mapping, whose function is a condition.
NAMELESS = {
    "cloudformation:GetTemplateSummary",
    "ec2:DescribeRegions",
    "lambda:CreateEventSourceMapping",
    "lambda:DeleteEventSourceMapping",
    "lambda:GetAccountSettings",
    "lambda:GetEventSourceMapping",
    "lambda:ListEventSourceMappings",
    "lambda:UpdateEventSourceMapping",
    "logs:DescribeLogGroups",
    "secretsmanager:GetRandomPassword",
    "servicequotas:GetServiceQuota",
    "ses:GetAccount",
}
OURS = re.compile(
    r"fraudshield-\$\{Stage\}|deploymentconfig:CodeDeployDefault\.Lambda|aws-sam-cli-managed-default|apigateway:.*::/|transform/Serverless|:SigningSecret-"
)
Role = dict[str, Any]


@lru_cache
def _loaded() -> Any:
    return load(ROOT / "infra/deployment/deployer.yaml")["Resources"]["Deployer"]["Properties"]


def role() -> Role:
    found: Role = deepcopy(_loaded())
    return found


def faults(role: Role) -> list[str]:
    """What is wider than one repository's environment, or than what is named after the stage."""
    [trust] = role["AssumeRolePolicyDocument"]["Statement"]
    subject = str(trust["Condition"]["StringEquals"].get("token.actions.githubusercontent.com:sub", "*"))
    found = ["trust"] if "*" in subject or "environment:${Stage}" not in subject else []
    for statement in role["Policies"][0]["PolicyDocument"]["Statement"]:
        actions = set(as_list(statement["Action"]))
        resources = [one.get("Fn::Sub") if isinstance(one, dict) else one for one in as_list(statement["Resource"])]
        wide = [str(one) for one in resources if not OURS.search(str(one))]
        found += [f"{sorted(actions)[0]}: {one}" for one in wide if not actions <= NAMELESS]
        found += [
            one for one in actions if re.fullmatch(r"\*|\w+:\*|iam:\*?Pass\w*", one) and "Condition" not in statement
        ]
    return found


def test_the_deployer_touches_one_stage_only() -> None:
    assert faults(role()) == []


def statement(role: Role, action: str) -> Any:
    statements = role["Policies"][0]["PolicyDocument"]["Statement"]
    return next(one for one in statements if action in as_list(one["Action"]))


PLANTED: list[tuple[Callable[[Role], object], str]] = [
    (lambda r: statement(r, "dynamodb:CreateTable").update(Resource="*"), "*"),
    (lambda r: statement(r, "iam:PassRole").pop("Condition"), "iam:PassRole"),
    (lambda r: statement(r, "sqs:CreateQueue").update(Action="sqs:*"), "sqs:*"),
    (lambda r: r["AssumeRolePolicyDocument"]["Statement"][0]["Condition"].update(StringEquals={}), "trust"),
]


@pytest.mark.parametrize(("plant", "named"), PLANTED)
def test_what_is_wider_is_named(plant: Callable[[Role], object], named: str) -> None:
    wide = role()
    plant(wide)
    assert any(named in one for one in faults(wide))


def test_the_pipeline_stores_no_secret_and_deploys_from_main_only() -> None:
    text = (ROOT / ".github/workflows/deploy.yml").read_text()
    job = yaml.safe_load(text)["jobs"]["deploy"]
    assert "secrets." not in text
    assert (job["if"], job["permissions"]) == (
        "github.ref == 'refs/heads/main'",
        {"contents": "read", "id-token": "write"},
    )
    assert re.findall(r"uses: (\S+)", text) == [
        one for one in re.findall(r"uses: (\S+)", text) if re.search("@[0-9a-f]{40}$", one)
    ]
