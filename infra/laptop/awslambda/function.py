"""What the template says about each function, in the terms of this machine."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.laptop.intrinsic import PSEUDO, Resolver
from infra.laptop.template import load, source

OPT = "/opt/"  # where Lambda unpacks a function's layers, in their order
DEFAULT_TIMEOUT_S = 3  # this and the next as Lambda has them when the template is silent
DEFAULT_MEMORY_MB = 128


@dataclass(frozen=True, slots=True)
class FunctionSpec:
    """One function. `path` goes before the interpreter's own; its first entry is the working directory."""

    name: str
    handler: str
    timeout_s: float
    memory_mb: int
    environment: Mapping[str, str]
    concurrency: int
    path: tuple[Path, ...]

    @property
    def arn(self) -> str:
        """The name that the function sees itself invoked by."""
        return f"arn:aws:lambda:{PSEUDO['AWS::Region']}:{PSEUDO['AWS::AccountId']}:function:{self.name}"

    def variables(self) -> dict[str, str]:
        """The function's own variables and those that Lambda sets, apart from the Runtime API's address.

        Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
        """
        return {
            "AWS_REGION": PSEUDO["AWS::Region"],
            "AWS_DEFAULT_REGION": PSEUDO["AWS::Region"],
            "AWS_EXECUTION_ENV": f"AWS_Lambda_python{sys.version_info.major}.{sys.version_info.minor}",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self.memory_mb),
            "AWS_LAMBDA_FUNCTION_NAME": self.name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{self.name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": "laptop",
            "LAMBDA_TASK_ROOT": str(self.path[0]),
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "_HANDLER": self.handler,
            **self.environment,
        }


def functions(resolver: Resolver, sdk: Mapping[str, str], python_path: Sequence[Path] = ()) -> dict[str, FunctionSpec]:
    """Every function of the expanded template, by logical id.

    `sdk` is what an AWS SDK has to be told here: endpoints and credentials. `python_path` follows the template's
    folder on each function's path. Values under /opt become the path that the layer is built from. Without a
    reservation a function gets two workers a CPU, at most ten.
    """
    written = source(resolver.template)
    layers, path = _layer_contents(written), (written.parent, *python_path)
    return {
        name: _spec(resolver, name, sdk, path, layers)
        for name, resource in resolver.template["Resources"].items()
        if resource["Type"] == "AWS::Lambda::Function"
    }


def environment(resolver: Resolver, function: str) -> dict[str, str]:
    """The variables that the template gives a function (its logical id)."""
    properties = resolver.template["Resources"][function]["Properties"]
    variables = resolver.resolve(properties.get("Environment", {}).get("Variables", {}))
    return {name: str(value) for name, value in variables.items()}


def _spec(
    resolver: Resolver, name: str, sdk: Mapping[str, str], path: tuple[Path, ...], layers: Mapping[str, Path]
) -> FunctionSpec:
    properties = resolver.template["Resources"][name]["Properties"]
    own = tuple(_contents(resolver, properties.get("Layers", ()), layers))
    variables = {key: _on_this_machine(value, own) for key, value in environment(resolver, name).items()}
    limits = resolver.resolve({one: properties[one] for one in ("ReservedConcurrentExecutions",) if one in properties})
    reserved = limits.get("ReservedConcurrentExecutions")  # gone where a condition says AWS::NoValue
    return FunctionSpec(
        name=name,
        handler=properties["Handler"],
        timeout_s=float(resolver.resolve(properties.get("Timeout", DEFAULT_TIMEOUT_S))),
        memory_mb=int(resolver.resolve(properties.get("MemorySize", DEFAULT_MEMORY_MB))),
        environment=variables | dict(sdk),
        concurrency=min(10, 2 * (os.cpu_count() or 1)) if reserved is None else int(reserved),
        path=path,
    )


def _layer_contents(written: Path) -> dict[str, Path]:
    """What each layer is built from: only the template as written still says so."""
    resources = load(written)["Resources"]
    return {
        name: written.parent / layer["Properties"]["ContentUri"]
        for name, layer in resources.items()
        if layer["Type"] == "AWS::Serverless::LayerVersion"
    }


def _contents(resolver: Resolver, wanted: list[dict[str, str]], layers: Mapping[str, Path]) -> Iterator[Path]:
    """The folders behind a function's layers. The transform renames a layer, its uploaded file keeps the name."""
    for reference in wanted:
        layer = resolver.template["Resources"][reference["Ref"]]["Properties"]
        yield layers[Path(layer["Content"]["S3Key"]).stem]


def _on_this_machine(value: str, contents: tuple[Path, ...]) -> str:
    if not value.startswith(OPT):
        return value
    paths = (folder / value.removeprefix(OPT) for folder in reversed(contents))  # a later layer covers an earlier
    return next((str(path) for path in paths if path.exists()), value)
