"""The stack as CloudFormation has it: its state, its outputs, the template it was made from, what deleting it keeps."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from infra.deployment.target import Client

ABSENT = "ValidationError"  # what describe_stacks says of a name that is no stack's
OURS = "FraudShield"  # what the template's description begins with
BEGUN = "REVIEW_IN_PROGRESS"  # a first deployment that has not begun to make anything
KEPT = ("Retain", "RetainExceptOnCreate")


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack that is there."""

    name: str
    status: str
    description: str
    outputs: dict[str, str]

    @property
    def is_ours(self) -> bool:
        """Whether a template of FraudShield made it."""
        return self.description.startswith(OURS)

    @property
    def is_moving(self) -> bool:
        """Whether CloudFormation is at work on it."""
        return self.status.endswith("_IN_PROGRESS") and self.status != BEGUN

    @property
    def is_dead(self) -> bool:
        """Whether it was never made whole, so that it can be neither updated nor made again under its name."""
        return self.status in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED")


@dataclass(frozen=True, slots=True)
class Kept:
    """A resource that stays when its stack is deleted."""

    kind: str
    logical_id: str
    name: str


def find(client: Client, name: str) -> Stack | None:
    """The stack of this name; None where there is none. Raises botocore's errors."""
    try:
        [found] = client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    except ClientError as exc:
        if exc.response["Error"]["Code"] == ABSENT:
            return None
        raise
    outputs = {one["OutputKey"]: one["OutputValue"] for one in found.get("Outputs", ())}
    return Stack(name, found["StackStatus"], found.get("Description", ""), outputs)


def template_of(client: Client, name: str) -> Any:
    """The template that it was deployed from, before its transform: a text, or what JSON was read as."""
    return client("cloudformation").get_template(StackName=name, TemplateStage="Original")["TemplateBody"]


def kept(client: Client, name: str) -> list[Kept]:
    """What deleting the stack leaves, by the template in force. Raises botocore's errors."""
    cloudformation = client("cloudformation")
    template = cloudformation.get_template(StackName=name, TemplateStage="Processed")["TemplateBody"]
    retained = {one for one, said in template["Resources"].items() if said.get("DeletionPolicy") in KEPT}
    return [
        Kept(one["ResourceType"], one["LogicalResourceId"], one["PhysicalResourceId"])
        for one in _resources(cloudformation, name)
        if one["LogicalResourceId"] in retained and one.get("PhysicalResourceId")
    ]


def table_names(client: Client, name: str) -> dict[str, str]:
    """The names of its tables, by their names in the template. Raises botocore's errors."""
    return {
        one["LogicalResourceId"]: one["PhysicalResourceId"]
        for one in _resources(client("cloudformation"), name)
        if one["ResourceType"] == "AWS::DynamoDB::Table"
    }


def _resources(cloudformation: Any, name: str) -> Iterator[dict[str, Any]]:
    for page in cloudformation.get_paginator("list_stack_resources").paginate(StackName=name):
        yield from page["StackResourceSummaries"]
