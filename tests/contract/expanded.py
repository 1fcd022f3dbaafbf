"""The expanded template, and the shape of the rules that hold over it."""

from collections.abc import Callable
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any

from infra.laptop import template as infra_template
from infra.laptop.template import Template, expand

ROOT = Path(__file__).parents[2]

Rule = Callable[[Template], list[str]]  # the problems found, each naming the resource at fault
Defect = Callable[[Template], object]  # plants one


@lru_cache
def _expanded() -> Template:
    return expand(ROOT / "template.yaml")


def template() -> Template:
    """A copy of its own for each caller."""
    return deepcopy(_expanded())


def planted(defect: Defect) -> Template:
    """The template with a defect in it."""
    damaged = template()
    defect(damaged)
    return damaged


def of_type(template: Template, kind: str) -> dict[str, dict[str, Any]]:
    """The properties of every resource of a type, by logical id."""
    return {name: template["Resources"][name]["Properties"] for name, _ in infra_template.of_type(template, kind)}


def properties(template: Template, logical_id: str) -> dict[str, Any]:
    """One resource's properties."""
    return template["Resources"][logical_id]["Properties"]


def routes(template: Template) -> list[tuple[str, str, dict[str, Any]]]:
    """Path, method (`any` for all) and definition of every route of every API."""
    return [
        (path, "any" if method == "x-amazon-apigateway-any-method" else method, definition)
        for api in of_type(template, "AWS::ApiGateway::RestApi").values()
        for path, methods in api["Body"]["paths"].items()
        for method, definition in methods.items()
    ]


def as_list(value: Any) -> list[Any]:
    """IAM takes one or many."""
    return value if isinstance(value, list) else [value]
