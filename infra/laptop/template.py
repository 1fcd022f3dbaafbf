"""template.yaml as CloudFormation sees it: SAM's transform, run in process, without an account and offline."""

import logging
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypedDict

import yaml
from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import intrinsics_multi_constructor

from infra.laptop.errors import SetupError

# The transform takes uploaded files only; `sam deploy` uploads them before CloudFormation transforms.
UPLOADED = {
    "AWS::Serverless::Function": "CodeUri",
    "AWS::Serverless::LayerVersion": "ContentUri",
    "AWS::Serverless::StateMachine": "DefinitionUri",
}
SOURCE = "Source"  # in the metadata of an expanded template


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc] # libyaml's, ten times as fast
    """Reads YAML with CloudFormation's short forms, as SAM does."""


_Loader.add_multi_constructor("!", intrinsics_multi_constructor)


class Resource(TypedDict, total=False):
    """One entry of `Resources`. Properties hold whatever the type's own reference says."""

    Type: str
    Properties: dict[str, Any]
    Condition: str
    DependsOn: str | list[str]
    Metadata: dict[str, Any]
    DeletionPolicy: str
    UpdateReplacePolicy: str


class Template(TypedDict, total=False):
    """A template, as written or expanded. Intrinsic functions are in their long form, unresolved."""

    Parameters: dict[str, dict[str, Any]]
    Conditions: dict[str, Any]
    Globals: dict[str, Any]
    Resources: dict[str, Resource]
    Metadata: dict[str, Any]
    Outputs: dict[str, dict[str, Any]]


def load(path: Path) -> Template:
    """The template as written."""
    loader = _Loader(path.read_text(encoding="utf-8"))
    try:
        template: Template = _unshared(loader.get_single_data())
    finally:
        loader.dispose()
    return template


def _unshared(value: Any) -> Any:
    """YAML's alias is the very object that its anchor names: whoever changed one role would change them all."""
    if isinstance(value, dict):
        return {key: _unshared(one) for key, one in value.items()}
    return [_unshared(one) for one in value] if isinstance(value, list) else value


def expand(path: Path, parameters: Mapping[str, str] | None = None, region: str = "us-east-1") -> Template:
    """The template after SAM's transform: no `AWS::Serverless::` type is left.

    `parameters` override the defaults where the transform itself needs a value; elsewhere `Ref`s stay.

    Raises:
        SetupError: SAM refuses the template; names every resource at fault.
    """
    logging.getLogger("samtranslator").setLevel(logging.ERROR)  # it warns of its own metrics and feature switches
    template = load(path)
    for logical_id, resource in template["Resources"].items():
        if resource["Type"] in UPLOADED:
            resource["Properties"][UPLOADED[resource["Type"]]] = f"s3://uploaded/{logical_id}.zip"
    session = SimpleNamespace(region_name=region)  # all that the transform asks of a boto3 session
    try:
        expanded: Template = Translator({}, Parser(), boto_session=session).translate(template, dict(parameters or {}))
    except InvalidDocumentException as exc:
        raise SetupError(f"{path.name}: {'; '.join(cause.message for cause in exc.causes)}") from exc
    expanded["Metadata"] = {SOURCE: str(path.resolve())}
    return expanded


def source(template: Template) -> Path:
    """The file that an expanded template was written as: only there stand the paths of what it deploys."""
    return Path(template["Metadata"][SOURCE])


def of_type(template: Template, kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Logical id and properties of every resource of a type, in the template's order."""
    return ((name, one.get("Properties", {})) for name, one in template["Resources"].items() if one["Type"] == kind)


def sole(template: Template, kind: str) -> tuple[str, Mapping[str, Any]]:
    """The logical id and properties of the one resource of a type.

    Raises:
        SetupError: there is none, or more than one.
    """
    found = list(of_type(template, kind))
    if len(found) != 1:
        raise SetupError(f"The laptop serves one {kind}; the template has {len(found)}")
    return found[0]


def refuse_properties(logical_id: str, properties: Mapping[str, Any], known: Collection[str]) -> None:
    """Read a resource as strictly as if it were deployed.

    Raises:
        SetupError: it asks for something that nobody here would do.
    """
    unknown = sorted(properties.keys() - set(known))
    if unknown:
        raise SetupError(f"The laptop does not know {', '.join(unknown)} of {logical_id}: see infra/laptop")
