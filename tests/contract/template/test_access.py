"""Who may do what: roles, keys, routes."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from infra.laptop.template import Template
from tests.contract.expanded import Defect, Rule, as_list, of_type, planted, properties, routes, template


def no_role_has_a_wildcard(template: Template) -> list[str]:
    """A managed policy has some, so only API Gateway's own logging role, which no function has, carries one.

    Objects are named by what their keys begin with, executions by their machine: there a star stands last.
    """
    problems = []
    for name, role in of_type(template, "AWS::IAM::Role").items():
        principals = {s["Principal"].get("Service") for s in role["AssumeRolePolicyDocument"]["Statement"]}
        if role.get("ManagedPolicyArns") and principals != {"apigateway.amazonaws.com"}:
            problems.append(f"{name}: managed policies")
        for statement in allowed(role):
            if KNOWS_NO_RESOURCE.issuperset(as_list(statement["Action"])):
                continue
            named = [what for what in as_list(statement["Resource"]) if not is_below_a_name(what)]
            found = [what for what in as_list(statement["Action"]) + named if "*" in str(what)]
            problems += [f"{name}: {what}" for what in found]
    return problems


def is_below_a_name(resource: Any) -> bool:
    text = resource.get("Fn::Sub", "") if isinstance(resource, dict) else ""
    return bool(re.fullmatch(r"\$\{\w+\.Arn\}/[a-z]+/\*|arn:.*:execution:[^*:]+:\*", str(text)))


def allowed(role: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Conditional statements are taken as if their condition held."""
    for policy in role.get("Policies", []):
        for entry in as_list(policy["PolicyDocument"]["Statement"]):
            statement = entry["Fn::If"][1] if "Fn::If" in entry else entry
            if statement["Effect"] == "Allow":
                yield statement


# https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
LOG_DELIVERY = {
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
}
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
KNOWS_NO_RESOURCE = {"cloudwatch:GetMetricData", *LOG_DELIVERY}
MAIL_LINKS = (
    "/api/v1/notifications/confirm",
    "/api/v1/notifications/unsubscribe",
)  # a signed token says whose they are
KEYLESS = ("/", "/assets/{proxy+}", "/health", "/openapi.json", *MAIL_LINKS)


def every_function_has_its_own_role(template: Template) -> list[str]:
    roles = {name: str(f["Role"]) for name, f in of_type(template, "AWS::Lambda::Function").items()}
    shared = {role for role, users in Counter(roles.values()).items() if users > 1}
    return [name for name, role in roles.items() if role in shared or "Fn::GetAtt" not in role]


# Who may take on a role: by the type of what runs under it, and where that names its role.
RUNS_UNDER = {
    "AWS::Lambda::Function": ("Role", "lambda.amazonaws.com"),
    "AWS::StepFunctions::StateMachine": ("RoleArn", "states.amazonaws.com"),
    "AWS::ApiGateway::Account": ("CloudWatchRoleArn", "apigateway.amazonaws.com"),
    "AWS::CodeDeploy::DeploymentGroup": ("ServiceRoleArn", "codedeploy.amazonaws.com"),
}


# Who publishes models is no function: whoever this account lets assume it.
PUBLISHER = "ModelPublisherRole"
OWN_ACCOUNT = {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}}


def every_role_is_assumed_by_the_service_that_it_is_for_and_by_nobody_else(template: Template) -> list[str]:
    services = {
        one[key]["Fn::GetAtt"][0]: service
        for kind, (key, service) in RUNS_UNDER.items()
        for one in of_type(template, kind).values()
    }
    return [
        name
        for name, role in of_type(template, "AWS::IAM::Role").items()
        if role["AssumeRolePolicyDocument"]
        != {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": OWN_ACCOUNT if name == PUBLISHER else {"Service": services.get(name)},
                    "Action": "sts:AssumeRole",
                }
            ],
        }
    ]


def nobody_but_the_publisher_writes_models(template: Template) -> list[str]:
    writes = {"s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion"}
    problems = [
        name
        for name, role in of_type(template, "AWS::IAM::Role").items()
        if name != PUBLISHER
        for one in allowed(role)
        if writes & {*as_list(one["Action"])} and any("}/models/" in str(what) for what in as_list(one["Resource"]))
    ]
    denials = [
        one
        for policy in of_type(template, "AWS::S3::BucketPolicy").values()
        for one in policy["PolicyDocument"]["Statement"]
        if one["Resource"] == {"Fn::Sub": "${JobsBucket.Arn}/models/*"} and {*as_list(one["Action"])} == writes
    ]
    return problems if denials else [*problems, "JobsBucketOverTlsOnly"]


def only_preflights_and_the_front_page_need_no_key(template: Template) -> list[str]:
    return [
        f"{method} {path}"
        for path, method, definition in routes(template)
        if ({"api_key": []} in definition.get("security", [])) == (method == "options" or path in KEYLESS)
    ]


def every_preflight_reaches_no_function_and_what_is_keyless_has_its_own_throttle(template: Template) -> list[str]:
    throttled = {
        (setting["ResourcePath"], setting["HttpMethod"])
        for stage in of_type(template, "AWS::ApiGateway::Stage").values()
        for setting in stage["MethodSettings"]
    }
    preflights = [(path, definition) for path, method, definition in routes(template) if method == "options"]
    problems = [f"{path}: not a mock" for path, one in preflights if integration(one)["type"] != "mock"]
    unthrottled = [path for path, _ in preflights if (escaped(path), "OPTIONS") not in throttled]
    unthrottled += [path for path in KEYLESS if (escaped(path), "ANY") not in throttled]
    return problems + [f"{path}: no throttle" for path in unthrottled]


def escaped(path: str) -> str:
    """As CloudFormation wants a method setting's path: the root stays a slash."""
    return path if path == "/" else "/" + path.replace("/", "~1")


def integration(definition: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = definition["x-amazon-apigateway-integration"]
    return found


def every_key_is_in_one_plan_with_a_throttle(template: Template) -> list[str]:
    plans = of_type(template, "AWS::ApiGateway::UsagePlan")
    links = [(link["KeyId"]["Ref"], link["UsagePlanId"]["Ref"]) for link in plan_keys(template).values()]
    keys = Counter(key for key, _ in links)
    problems = [key for key in of_type(template, "AWS::ApiGateway::ApiKey") if keys[key] != 1]
    return problems + [
        name for name, plan in plans.items() if not {"RateLimit", "BurstLimit"} <= plan["Throttle"].keys()
    ]


def plan_keys(template: Template) -> dict[str, dict[str, Any]]:
    return of_type(template, "AWS::ApiGateway::UsagePlanKey")


RULES: list[Rule] = [
    no_role_has_a_wildcard,
    every_function_has_its_own_role,
    every_role_is_assumed_by_the_service_that_it_is_for_and_by_nobody_else,
    nobody_but_the_publisher_writes_models,
    only_preflights_and_the_front_page_need_no_key,
    every_preflight_reaches_no_function_and_what_is_keyless_has_its_own_throttle,
    every_key_is_in_one_plan_with_a_throttle,
]


def statements(template: Template) -> list[Any]:
    found: list[Any] = properties(template, "ModelRole")["Policies"][0]["PolicyDocument"]["Statement"]
    return found


def score_route(template: Template, method: str) -> dict[str, Any]:
    found: dict[str, Any] = properties(template, "Api")["Body"]["paths"]["/api/v1/score"][method]
    return found


def assumed(template: Template, role: str) -> dict[str, Any]:
    found: dict[str, Any] = properties(template, role)["AssumeRolePolicyDocument"]["Statement"][0]
    return found


def second_function(template: Template) -> None:
    template["Resources"]["OtherFunction"] = template["Resources"]["ModelFunction"]


ANY = "x-amazon-apigateway-any-method"
BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"

PLANTED: list[tuple[Rule, Defect, str]] = [
    (
        nobody_but_the_publisher_writes_models,
        lambda t: statements(t).append(
            {"Effect": "Allow", "Action": "s3:PutObject", "Resource": {"Fn::Sub": "${JobsBucket.Arn}/models/*"}}
        ),
        "ModelRole",
    ),
    (no_role_has_a_wildcard, lambda t: statements(t)[1].update(Action="dynamodb:*"), "ModelRole: dynamodb:*"),
    (no_role_has_a_wildcard, lambda t: statements(t)[1].update(Resource="*"), "ModelRole: *"),
    (no_role_has_a_wildcard, lambda t: statements(t)[-1]["Fn::If"][1].update(Action=["kms:*"]), "ModelRole: kms:*"),
    (
        no_role_has_a_wildcard,
        lambda t: statements(t)[1].update(Resource={"Fn::Sub": "${JobsBucket.Arn}/*"}),
        "ModelRole: {'Fn::Sub': '${JobsBucket.Arn}/*'}",
    ),
    (
        no_role_has_a_wildcard,
        lambda t: statements(t)[1].update(Action=["cloudwatch:GetMetricData", "sqs:SendMessage"], Resource="*"),
        "ModelRole: *",
    ),
    (
        no_role_has_a_wildcard,
        lambda t: properties(t, "ModelRole").update(ManagedPolicyArns=[BASIC]),
        "ModelRole: managed",
    ),
    (every_function_has_its_own_role, second_function, "OtherFunction"),
    (
        every_role_is_assumed_by_the_service_that_it_is_for_and_by_nobody_else,
        lambda t: assumed(t, "BatchRole")["Principal"].update(Service="states.amazonaws.com"),
        "BatchRole",
    ),
    (
        every_role_is_assumed_by_the_service_that_it_is_for_and_by_nobody_else,
        lambda t: assumed(t, "BatchMachineRole").update(Principal={"AWS": "*"}),
        "BatchMachineRole",
    ),
    (
        only_preflights_and_the_front_page_need_no_key,
        lambda t: score_route(t, ANY).pop("security"),
        "any /api/v1/score",
    ),
    (
        only_preflights_and_the_front_page_need_no_key,
        lambda t: score_route(t, "options").update(security=[{"api_key": []}]),
        "options /api/v1/score",
    ),
    (
        every_preflight_reaches_no_function_and_what_is_keyless_has_its_own_throttle,
        lambda t: properties(t, "ApiStage")["MethodSettings"].pop(1),
        "/: no throttle",
    ),
    (
        every_preflight_reaches_no_function_and_what_is_keyless_has_its_own_throttle,
        lambda t: properties(t, "ApiStage")["MethodSettings"].pop(7),
        "/assets/{proxy+}: no throttle",
    ),
    (
        every_preflight_reaches_no_function_and_what_is_keyless_has_its_own_throttle,
        lambda t: integration(score_route(t, "options")).update(type="aws_proxy"),
        "/api/v1/score: not a mock",
    ),
    (every_key_is_in_one_plan_with_a_throttle, lambda t: t["Resources"].pop("AdminPlanKey"), "AdminKey"),
    (
        every_key_is_in_one_plan_with_a_throttle,
        lambda t: properties(t, "ScorePlan")["Throttle"].pop("BurstLimit"),
        "ScorePlan",
    ),
]


@pytest.mark.parametrize("rule", RULES)
def test_the_template_keeps_the_rule(rule: Rule) -> None:
    assert rule(template()) == []


@pytest.mark.parametrize(("rule", "defect", "named"), PLANTED)
def test_a_planted_defect_is_named(rule: Rule, defect: Defect, named: str) -> None:
    assert any(named in problem for problem in rule(planted(defect)))


@pytest.mark.parametrize("name", ["TestApiKey", "FrontendApiKey", "AdminApiKey"])
@pytest.mark.parametrize(
    ("value", "taken"),
    [("", True), ("k" * 19, False), ("k" * 20, True), ("k" * 128, True), ("k" * 129, False), ("k " * 10, False)],
)
def test_a_key_has_20_to_128_characters_or_is_made_by_api_gateway(name: str, value: str, *, taken: bool) -> None:
    parameter = template()["Parameters"][name]
    assert bool(re.fullmatch(parameter["AllowedPattern"], value)) is taken
    assert parameter["NoEcho"] is True
    assert name in parameter["ConstraintDescription"]
