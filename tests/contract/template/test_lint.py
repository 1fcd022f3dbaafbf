"""cfn-lint over the expanded template: over the raw one it misses real defects."""

import json
from pathlib import Path

import pytest
from cfnlint.api import lint

from infra.laptop.errors import SetupError
from infra.laptop.template import Template, expand, load
from tests.contract.expanded import ROOT, Defect, planted, properties, template

# The transform itself leaves a `!Sub` without variables behind where it has put in a parameter's value.
OF_THE_TRANSFORM = ["W1020"]
PUT_IN = ("Release", "ScoringRollout")  # parameters that it has put in everywhere, so that nothing names them


def findings(template: Template) -> list[str]:
    found = lint(json.dumps(template), config={"ignore_checks": OF_THE_TRANSFORM})
    said = [f"{one.rule.id} {one.message}" for one in found]
    return [one for one in said if one not in {f"W2001 Parameter {name} not used." for name in PUT_IN}]


def unused_parameter(template: Template) -> None:
    template["Parameters"]["Spare"] = {"Type": "String"}


def unused_condition(template: Template) -> None:
    template["Conditions"]["Spare"] = {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}


def missing_resource(template: Template) -> None:
    template["Resources"].pop("UnpersistedDeadLetters")


def circle(template: Template) -> None:
    template["Resources"]["ScoreKey"]["Properties"]["StageKeys"] = [
        {"RestApiId": {"Ref": "Api"}, "StageName": {"Ref": "ApiStage"}}
    ]


PLANTED: list[tuple[Defect, str]] = [
    (unused_parameter, "W2001 Parameter Spare not used"),
    (unused_condition, "W8001 Condition Spare not used"),
    (missing_resource, "E1010 'UnpersistedDeadLetters' "),
    (circle, "E3004"),
    (lambda t: properties(t, "PoliciesTable").update(TableClas="STANDARD"), "E3002"),
    (lambda t: properties(t, "ModelFunction").update(Runtime="python3.99"), "E3030"),
]


def test_the_expanded_template_is_clean() -> None:
    assert findings(template()) == []


# What the defects are planted in, and what that refers to.
DAMAGED = {
    "UnpersistedQueue",
    "UnpersistedDeadLetters",
    "PoliciesTable",
    "ModelFunction",
    "ModelFunctionAliaslive",
    "ScoreKey",
    "Api",
    "ApiStage",
}
DAMAGED_TYPES = {"AWS::ApiGateway::Deployment", "AWS::ApiGateway::UsagePlan", "AWS::ApiGateway::UsagePlanKey"}


def few(template: Template) -> None:
    """Leaves few resources, for a look at all takes seconds; that others are missed is told beside."""
    kept = {name: one for name, one in template["Resources"].items() if name in DAMAGED or one["Type"] in DAMAGED_TYPES}
    template["Resources"] = kept


@pytest.fixture(scope="module")
def found() -> list[str]:
    """In a template with all of them at once."""
    return findings(planted(lambda template: [defect(template) for defect in (few, *(one for one, _ in PLANTED))]))


@pytest.mark.parametrize("wanted", [wanted for _, wanted in PLANTED])
def test_a_planted_defect_is_found(found: list[str], wanted: str) -> None:
    assert any(wanted in finding for finding in found)


def test_expanding_leaves_no_serverless_type() -> None:
    assert not [one for one in template()["Resources"].values() if one["Type"].startswith("AWS::Serverless::")]


def test_the_written_template_says_serverless_and_where_the_code_lies() -> None:
    assert load(ROOT / "template.yaml")["Resources"]["ModelFunction"]["Properties"]["CodeUri"] == "functions/model"


def test_a_parameter_reaches_what_the_transform_works_out() -> None:
    expanded = expand(ROOT / "template.yaml", {"Stage": "prod"})
    names = [str(one["Properties"].get("LayerName")) for one in expanded["Resources"].values()]
    assert any("fraudshield-prod-runtime" in name for name in names)


def test_every_deploy_makes_a_deployment_so_that_a_changed_parameter_reaches_the_stage() -> None:
    assert load(ROOT / "template.yaml")["Resources"]["Api"]["Properties"]["AlwaysDeploy"] is True


def test_a_template_that_sam_refuses_is_an_error_that_names_the_resource(tmp_path: Path) -> None:
    refused = tmp_path / "template.yaml"
    refused.write_text("Resources: {OddFunction: {Type: 'AWS::Serverless::Function', Properties: {Handler: a.b}}}")
    with pytest.raises(SetupError, match=r"template\.yaml.*OddFunction"):
        expand(refused)
