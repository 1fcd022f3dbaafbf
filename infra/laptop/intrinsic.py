"""CloudFormation's intrinsic functions, worked out against what has been made so far."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.laptop.errors import SetupError
from infra.laptop.template import Template

PSEUDO = {  # moto's own account; the laptop has no other. A parameter of the same name goes first
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::Region": "eu-west-1",
    "AWS::StackName": "laptop",
    "AWS::URLSuffix": "amazonaws.com",
}
NO_VALUE = object()  # stands for `AWS::NoValue`: the property is left out


@dataclass
class Resolver:
    """Resolves the values of one template. `refs` and `attributes` grow as resources are made.

    `template` has the resources only whose conditions hold, as CloudFormation makes no others.
    A resource that has not been made stands for its logical id, so that what is not needed need not exist.
    """

    template: Template
    parameters: Mapping[str, str]
    refs: dict[str, str] = field(default_factory=dict)
    attributes: dict[tuple[str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        made = {
            name: one
            for name, one in self.template["Resources"].items()
            if "Condition" not in one or self.condition(one["Condition"])
        }
        self.template = {**self.template, "Resources": made}

    def resolve(self, value: Any) -> Any:
        """`value` without intrinsic functions. Raises SetupError for one that is not known here."""
        if isinstance(value, list):
            return [one for one in map(self.resolve, value) if one is not NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            [(name, argument)] = value.items()
            if name in FUNCTIONS:
                return FUNCTIONS[name](self, argument)
            if name.startswith("Fn::"):
                raise SetupError(f"{name} is not handled on the laptop")
        resolved = {name: self.resolve(one) for name, one in value.items()}
        return {name: one for name, one in resolved.items() if one is not NO_VALUE}

    def ref(self, name: str) -> Any:
        """What `!Ref name` stands for."""
        if name == "AWS::NoValue":
            return NO_VALUE
        parameter = self.template.get("Parameters", {}).get(name)
        if parameter is not None:
            return self.parameters.get(name, parameter.get("Default", ""))
        if name in PSEUDO:
            return self.parameters.get(name, PSEUDO[name])
        return self.refs.get(name, name)

    def attribute(self, path: str | list[str]) -> str:
        """What `!GetAtt path` stands for."""
        name, _, attribute = path.partition(".") if isinstance(path, str) else (path[0], "", ".".join(path[1:]))
        return self.attributes.get((name, attribute), name)

    def queue_urls(self) -> dict[str, str]:
        """The URLs of the queues that have been made, by ARN."""
        return {
            arn: self.attributes[name, "QueueUrl"]
            for (name, attribute), arn in self.attributes.items()
            if attribute == "Arn" and (name, "QueueUrl") in self.attributes
        }

    def condition(self, name: str) -> bool:
        """Whether a condition of the template holds."""
        return bool(self.resolve(self.template["Conditions"][name]))

    def substitute(self, argument: str | list[Any]) -> str:
        """What `!Sub` stands for, in both its forms."""
        text, own = (argument, {}) if isinstance(argument, str) else (argument[0], self.resolve(argument[1]))

        def put(match: re.Match[str]) -> str:
            name = match[1]
            if name.startswith("!"):
                return f"${{{name[1:]}}}"
            if name in own:
                return str(own[name])
            return str(self.attribute(name) if "." in name else self.ref(name))

        return re.sub(r"\$\{([^}]+)\}", put, text)


FUNCTIONS: dict[str, Callable[[Resolver, Any], Any]] = {
    "Ref": Resolver.ref,
    "Fn::GetAtt": Resolver.attribute,
    "Fn::Sub": Resolver.substitute,
    "Condition": Resolver.condition,
    "Fn::If": lambda r, a: r.resolve(a[1] if r.condition(a[0]) else a[2]),
    "Fn::Equals": lambda r, a: str(r.resolve(a[0])) == str(r.resolve(a[1])),
    "Fn::Not": lambda r, a: not r.resolve(a[0]),
    "Fn::And": lambda r, a: all(map(r.resolve, a)),
    "Fn::Or": lambda r, a: any(map(r.resolve, a)),
    "Fn::Join": lambda r, a: str(a[0]).join(map(str, r.resolve(a[1]))),
    "Fn::Select": lambda r, a: r.resolve(a[1])[int(r.resolve(a[0]))],
    "Fn::Split": lambda r, a: str(r.resolve(a[1])).split(a[0]),
}
