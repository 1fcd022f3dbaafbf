"""Each function is told what its code reads and no more, in less than Lambda allows."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from infra.laptop.awslambda.function import environment
from infra.laptop.template import Template, load
from tests.contract.expanded import Defect, Rule, of_type, planted, properties, template
from tests.contract.longest_names import longest
from tests.contract.reached_settings import ROOT, Tree, reached
from tests.settings_classes import classes

SDK = {"AWS_ENDPOINT_URL"}  # the AWS SDK reads it, in every function
POWERTOOLS = {"LOG_LEVEL", "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_SERVICE_NAME"}
LEARNING = {"OMP_NUM_THREADS"}  # and this scikit-learn, where its layer is
ROOM_BYTES = 3584  # Lambda has 4 KB: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html


def functions(template: Template) -> dict[str, dict[str, Any]]:
    return of_type(template, "AWS::Lambda::Function")


def variables(function: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = function["Environment"]["Variables"]
    return found


def read(function: dict[str, Any]) -> set[str]:
    """The variables that a function's code comes to, and those of the libraries it loads."""
    own = {field.upper() for kind in reached(function["Handler"]) for field in kind.model_fields}
    learns = "MlLayer" in str(function["Layers"])
    return own | SDK | POWERTOOLS | (LEARNING if learns else set())


def a_function_is_told_what_it_reads(template: Template) -> list[str]:
    return [
        f"{name}: {one} is not set"
        for name, function in functions(template).items()
        for one in read(function) - variables(function).keys()
    ]


def a_function_is_told_nothing_else(template: Template) -> list[str]:
    return [
        f"{name}: {one} is read by nobody"
        for name, function in functions(template).items()
        for one in variables(function).keys() - read(function)
    ]


def an_environment_has_bytes_to_spare(template: Template) -> list[str]:
    resolver = longest(template)
    sizes = {name: len(json.dumps(environment(resolver, name))) for name in functions(template)}
    return [f"{name}: {size:,} bytes" for name, size in sizes.items() if size >= ROOM_BYTES]


RULES: list[Rule] = [
    a_function_is_told_what_it_reads,
    a_function_is_told_nothing_else,
    an_environment_has_bytes_to_spare,
]


def gains(name: str, **values: str) -> Defect:
    return lambda t: variables(properties(t, name)).update(values)


def loses(name: str, variable: str) -> Defect:
    return lambda t: variables(properties(t, name)).pop(variable)


def everything_everywhere(template: Template) -> None:
    """As it was."""
    told = [variables(function) for function in functions(template).values()]
    everything = {name: value for one in told for name, value in one.items()}
    for one in told:
        one.update(everything)


TOLD, ELSE, ROOM = RULES

PLANTED: list[tuple[Rule, Defect, str]] = [
    (TOLD, loses("ModelFunction", "TRANSACTIONS_TABLE"), "ModelFunction: TRANSACTIONS_TABLE is not set"),
    (TOLD, loses("MonitoringScheduleFunction", "SERVICE_FUNCTIONS"), "SERVICE_FUNCTIONS is not set"),
    (TOLD, loses("BatchTaskFunction", "OMP_NUM_THREADS"), "OMP_NUM_THREADS is not set"),
    (TOLD, loses("ModelFunction", "POWERTOOLS_SERVICE_NAME"), "POWERTOOLS_SERVICE_NAME is not set"),
    (ELSE, gains("ModelFunction", TABLE="t"), "ModelFunction: TABLE is read by nobody"),
    (ELSE, gains("ModelFunction", JOBS_TABLE="t"), "ModelFunction: JOBS_TABLE is read by nobody"),
    (ELSE, gains("NotificationStreamFunction", FROM_EMAIL="a@b.example"), "FROM_EMAIL is read by nobody"),
    (ROOM, everything_everywhere, "MonitoringScheduleFunction"),
]


@pytest.mark.parametrize("rule", RULES)
def test_the_template_keeps_the_rule(rule: Rule) -> None:
    assert rule(template()) == []


@pytest.mark.parametrize(("rule", "defect", "named"), PLANTED)
def test_a_planted_defect_is_named(rule: Rule, defect: Defect, named: str) -> None:
    assert any(named in problem for problem in rule(planted(defect)))


def test_all_functions_share_only_what_all_of_them_read() -> None:
    shared = load(ROOT / "template.yaml")["Globals"]["Function"]["Environment"]["Variables"]
    assert shared.keys() == SDK | POWERTOOLS - {"POWERTOOLS_SERVICE_NAME"}


def test_every_variable_belongs_to_one_class() -> None:
    owners = Counter(name for kind in classes() for name in kind.__annotations__ if name != "model_config")
    assert [name for name, number in owners.items() if number > 1] == []


def test_every_setting_is_read_by_some_function() -> None:
    read_somewhere = set().union(*(reached(one["Handler"]) for one in functions(template()).values()))
    assert classes() - read_somewhere == set()


def test_the_walk_follows_names_and_not_neighbours(tmp_path: Path) -> None:
    """A function that names one thing of a wiring is not told what its other things read."""
    layer = tmp_path / "layer"
    wiring = layer / "fraudshield/monitoring/wiring.py"
    wiring.parent.mkdir(parents=True)
    wiring.write_text(
        "from fraudshield.settings import settings\n"
        "class LogSettings: ...\n"
        "class MetricSettings: ...\n"
        "def logs():\n    return _logs()\n"
        "def _logs():\n    return settings(LogSettings)\n"
        "def metrics():\n    return settings(MetricSettings)\n"
    )
    function = tmp_path / "functions/planted/app.py"
    function.parent.mkdir(parents=True)
    function.write_text(
        "from fraudshield.monitoring import wiring as monitoring_wiring\n"
        "def lambda_handler(event, context):\n    return monitoring_wiring.logs()\n"
    )
    found = reached("functions.planted.app.lambda_handler", Tree((tmp_path, layer)))
    assert {kind.__name__ for kind in found} == {"LogSettings"}
