"""Functions: their files, time budget and layers."""

import importlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fraudshield.budget import FUNCTION_S, INTEGRATION_S, REQUEST_S
from infra.laptop.awslambda.alias import function_of
from infra.laptop.template import Template, load
from tests.contract.expanded import ROOT, Defect, Rule, of_type, planted, properties, routes, template

LAYERS = ("RuntimeLayer", "FraudshieldLayer", "ModelLayer", "MlLayer")


def functions(template: Template) -> dict[str, dict[str, Any]]:
    return of_type(template, "AWS::Lambda::Function")


def every_logical_id_says_function(template: Template) -> list[str]:
    return [name for name in functions(template) if not name.endswith("Function")]


def every_handler_is_a_file_that_defines_it(template: Template) -> list[str]:
    return [name for name, function in functions(template).items() if not callable_at(function["Handler"])]


def callable_at(handler: str) -> bool:
    module, _, attribute = handler.rpartition(".")
    if not ROOT.joinpath(*module.split(".")).with_suffix(".py").is_file():
        return False
    return callable(getattr(importlib.import_module(module), attribute, None))


def a_function_answers_before_api_gateway_gives_up(template: Template) -> list[str]:
    problems = [
        f"{path}: waits {integration['timeoutInMillis']} ms"
        for path, _, definition in routes(template)
        if (integration := definition["x-amazon-apigateway-integration"])["type"] == "aws_proxy"
        and integration.get("timeoutInMillis") != INTEGRATION_S * 1000
    ]
    return problems + [name for name in online(template) if properties(template, name)["Timeout"] != FUNCTION_S]


def online(template: Template) -> list[str]:
    """The functions that some route ends in."""
    uris = str([definition["x-amazon-apigateway-integration"] for _, _, definition in routes(template)])
    called = {function_of(template, name) for name in re.findall(r"functions/\$\{(\w+?)(?:\.Arn)?\}/", uris)}
    return [name for name in functions(template) if name in called]


def no_online_function_carries_the_learning_library(template: Template) -> list[str]:
    return [name for name in online(template) if "MlLayer" in str(properties(template, name)["Layers"])]


def a_layer_holds_libraries_our_package_or_the_models_json(template: Template) -> list[str]:
    """So that none has a file to unpickle: `tests/contract/test_build.py` looks into what each is built from."""
    return [
        name
        for name, function in functions(template).items()
        if any(not layer["Ref"].startswith(LAYERS) for layer in function.get("Layers", ()))
    ]


def an_online_function_has_a_whole_cpu_within_reach(template: Template) -> list[str]:
    memory = template["Parameters"]["OnlineMemory"]
    if memory["MinValue"] < 1024:
        return ["OnlineMemory"]
    return [
        name for name in online(template) if properties(template, name).get("MemorySize") != {"Ref": "OnlineMemory"}
    ]


def every_function_runs_the_one_runtime(template: Template) -> list[str]:
    wanted = ("python3.13", [{"Ref": "Architecture"}])
    return [name for name, f in functions(template).items() if (f["Runtime"], f["Architectures"]) != wanted]


RULES: list[Rule] = [
    every_logical_id_says_function,
    every_handler_is_a_file_that_defines_it,
    a_function_answers_before_api_gateway_gives_up,
    no_online_function_carries_the_learning_library,
    a_layer_holds_libraries_our_package_or_the_models_json,
    an_online_function_has_a_whole_cpu_within_reach,
    every_function_runs_the_one_runtime,
]


def model(change: Callable[[dict[str, Any]], object]) -> Defect:
    return lambda t: change(properties(t, "ModelFunction"))


def slow_route(template: Template) -> None:
    any_method = properties(template, "Api")["Body"]["paths"]["/api/v1/score"]["x-amazon-apigateway-any-method"]
    any_method["x-amazon-apigateway-integration"]["timeoutInMillis"] = 29000


def rename(template: Template) -> None:
    template["Resources"]["Scorer"] = template["Resources"].pop("ModelFunction")


HANDLER = every_handler_is_a_file_that_defines_it

PLANTED: list[tuple[Rule, Defect, str]] = [
    (every_logical_id_says_function, rename, "Scorer"),
    (HANDLER, model(lambda f: f.update(Handler="functions.model.main.lambda_handler")), "ModelFunction"),
    (HANDLER, model(lambda f: f.update(Handler="functions.model.app.handle")), "ModelFunction"),
    (a_function_answers_before_api_gateway_gives_up, slow_route, "/api/v1/score"),
    (a_function_answers_before_api_gateway_gives_up, model(lambda f: f.update(Timeout=29)), "ModelFunction"),
    (
        no_online_function_carries_the_learning_library,
        model(lambda f: f["Layers"].append({"Ref": "MlLayer0a1b2c3d4e"})),
        "ModelFunction",
    ),
    (
        a_layer_holds_libraries_our_package_or_the_models_json,
        lambda t: properties(t, "BatchTaskFunction")["Layers"].append({"Ref": "ClassifierLayer0a1b2c3d4e"}),
        "BatchTaskFunction",
    ),
    (an_online_function_has_a_whole_cpu_within_reach, model(lambda f: f.update(MemorySize=512)), "ModelFunction"),
    (every_function_runs_the_one_runtime, model(lambda f: f.update(Runtime="python3.11")), "ModelFunction"),
]


@pytest.mark.parametrize("rule", RULES)
def test_the_template_keeps_the_rule(rule: Rule) -> None:
    assert rule(template()) == []


@pytest.mark.parametrize(("rule", "defect", "named"), PLANTED)
def test_a_planted_defect_is_named(rule: Rule, defect: Defect, named: str) -> None:
    assert any(named in problem for problem in rule(planted(defect)))


def test_the_budget_ends_in_the_function_before_it_ends_outside() -> None:
    assert REQUEST_S < FUNCTION_S < INTEGRATION_S < 29  # where API Gateway itself gives up


def test_every_function_is_packed_from_its_handlers_folder_under_the_same_import_path() -> None:
    written = load(ROOT / "template.yaml")["Resources"]
    for resource in written.values():
        if resource["Type"] == "AWS::Serverless::Function":
            module = resource["Properties"]["Handler"].rpartition(".")[0]
            assert Path(resource["Properties"]["CodeUri"]) == Path(*module.split(".")).parent
            assert resource["Metadata"]["BuildProperties"] == {"ParentPackageMode": "auto"}
