"""The page about deploying names parameters, outputs and environments that are there, and says what a stack leaves."""

import re
import tomllib

import pytest

from infra.parameter import PARAMETER, REQUESTS, WINDOW
from tests.contract.expanded import ROOT, of_type, template

PAGE = (ROOT / "docs/deploy.md").read_text(encoding="utf-8")
KEPT = {
    "tables": "AWS::DynamoDB::Table",
    "queues": "AWS::SQS::Queue",
    "the bucket of files": "AWS::S3::Bucket",
    "the signing secret": "AWS::SecretsManager::Secret",
    "API Gateway's logging role": "AWS::IAM::Role",
    "the account's setting": "AWS::ApiGateway::Account",
}


def unknown(page: str) -> set[str]:
    """Parameters that it gives a value, outputs that it puts in angle brackets, and names in its table."""
    parameters = set(re.findall(r"\b([A-Z][a-z]+(?:[A-Z][a-z]+)+)=", page)) | set(
        re.findall(r"(?m)^\| `(\w+)` \|", page)
    )
    outputs = set(re.findall(r"<([A-Z]\w+)>", page))
    named = set(re.findall(r"`([A-Z][a-z]+(?:[A-Z][a-z]+)+)`", page))
    known = template()["Parameters"].keys() | template()["Outputs"].keys()
    tables = of_type(template(), "AWS::DynamoDB::Table").keys()  # which the command that restores is given
    return ((parameters - template()["Parameters"].keys() - tables) | (outputs - template()["Outputs"].keys())) | (
        named - known
    )


def test_every_parameter_and_output_that_the_page_names_is_in_the_template() -> None:
    assert unknown(PAGE) == set()


@pytest.mark.parametrize("planted", ["`NoSuchParameter`", "NoSuchParameter=x", "<NoSuchOutput>", "| `Nothing` | x |"])
def test_a_name_that_is_not_in_the_template_is_noticed(planted: str) -> None:
    assert len(unknown(f"{PAGE}\n{planted}\n")) == 1


def test_the_table_tells_the_templates_defaults_and_settings() -> None:
    rows = re.findall(r"(?m)^\| `(\w+)` \| (.*?) \| ([\d.]+)", PAGE)
    assert len(rows) == 4
    for parameter, settings, default in rows:
        assert float(default) == float(template()["Parameters"][parameter]["Default"])
        assert set(re.findall(r"`(\w+)`", settings)) <= PARAMETER.keys() | {REQUESTS, WINDOW}


@pytest.mark.parametrize("environment", re.findall(r"--config-env (\w+)", PAGE))
def test_every_environment_is_in_the_configuration(environment: str) -> None:
    assert environment in tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))


def test_the_page_says_what_stays_when_the_stack_is_deleted() -> None:
    kept = {one["Type"] for one in template()["Resources"].values() if one.get("DeletionPolicy", "Delete") != "Delete"}
    kept -= {"AWS::Lambda::Version"}  # a stack that goes deletes the function, and that all its versions
    assert kept == set(KEPT.values())
    told = re.search(r"This keeps on purpose: (.*?)\.", PAGE, re.DOTALL)
    assert told
    assert all(name in " ".join(told[1].split()) for name in KEPT)
