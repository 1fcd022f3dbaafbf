"""Aliases of functions: on this machine there is one version of each, the code as it lies, and every alias names it."""

from collections.abc import Mapping
from typing import Any

from infra.laptop.intrinsic import Resolver
from infra.laptop.sdk import Client
from infra.laptop.template import Template, refuse_properties

KNOWN = {"FunctionName", "FunctionVersion", "Name"}


def make_alias(resolver: Resolver, _: Client, logical_id: str, properties: Mapping[str, Any]) -> None:
    """Lets the alias be invoked by what `!Ref` gives. Raises SetupError: it asks for more, as weights."""
    refuse_properties(logical_id, properties, KNOWN)
    resolver.refs[logical_id] = f"{resolver.resolve(properties['FunctionName'])}:{properties['Name']}"


def function_of(template: Template, logical_id: str) -> str:
    """The logical id of the function that an alias is of; a function's own is itself."""
    resource = template["Resources"].get(logical_id)
    if resource is None or resource["Type"] != "AWS::Lambda::Alias":
        return logical_id
    return str(resource["Properties"]["FunctionName"]["Ref"])
