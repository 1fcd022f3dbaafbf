"""What the template says about each function, in the terms of this machine."""

import os
from copy import deepcopy
from pathlib import Path

import pytest

from infra.cli.path import PYTHON_PATH
from infra.laptop.awslambda.function import FunctionSpec, functions
from infra.laptop.intrinsic import Resolver
from infra.laptop.template import Template, expand
from tests.conftest import ROOT

SDK = {"AWS_ENDPOINT_URL": "http://127.0.0.1:5001"}


@pytest.fixture(scope="module")
def expanded() -> Template:
    return expand(ROOT / "template.yaml")


@pytest.fixture
def template(expanded: Template) -> Template:
    return deepcopy(expanded)


def model(template: Template, **parameters: str) -> FunctionSpec:
    return functions(Resolver(template, parameters), SDK, PYTHON_PATH)["ModelFunction"]


def test_every_function_of_the_template_is_there(template: Template) -> None:
    wanted = {name for name, one in template["Resources"].items() if one["Type"] == "AWS::Lambda::Function"}
    assert set(functions(Resolver(template, {}), SDK)) == wanted


def test_limits_are_the_templates(template: Template) -> None:
    spec = model(template, OnlineMemory="2048")
    assert (spec.handler, spec.timeout_s, spec.memory_mb) == ("functions.model.app.lambda_handler", 10.0, 2048)


def test_a_silent_template_means_lambdas_own_limits(template: Template) -> None:
    properties = template["Resources"]["ModelFunction"]["Properties"]
    del properties["Timeout"], properties["MemorySize"]
    spec = model(template)
    assert (spec.timeout_s, spec.memory_mb) == (3.0, 128)


def test_a_reservation_is_the_concurrency(template: Template) -> None:
    template["Resources"]["ModelFunction"]["Properties"]["ReservedConcurrentExecutions"] = 3
    assert model(template).concurrency == 3


def test_without_a_reservation_the_concurrency_follows_the_cpus(template: Template) -> None:
    assert model(template).concurrency == min(10, 2 * (os.cpu_count() or 1))


def test_a_layers_path_is_the_folder_it_is_built_from(template: Template) -> None:
    assert Path(model(template).environment["MODEL_DIR"]) == ROOT / "model/artifact/model"


def test_a_path_that_no_layer_of_the_function_holds_stays(template: Template) -> None:
    properties = template["Resources"]["ModelFunction"]["Properties"]
    properties["Layers"] = properties["Layers"][:2]
    assert model(template).environment["MODEL_DIR"] == "/opt/model"


def test_a_function_is_told_where_aws_is_and_what_the_template_tells_it(template: Template) -> None:
    told = model(template, LogLevel="DEBUG").variables()
    assert told["LOG_LEVEL"] == "DEBUG"
    assert told["AWS_ENDPOINT_URL"] == SDK["AWS_ENDPOINT_URL"]
    assert told["AWS_LAMBDA_FUNCTION_NAME"] == "ModelFunction"
    assert told["AWS_REGION"] == told["AWS_DEFAULT_REGION"] == "eu-west-1"


def test_the_code_is_found_as_in_lambda(template: Template) -> None:
    assert model(template).path == (ROOT, ROOT / "layers/fraudshield")
