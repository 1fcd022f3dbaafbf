"""Holds what each function's role grants to what its calls took: nothing may be missing, and nothing is unused.

`python -m tests.permission.compare`, after the integration tests ran with tests/permission/recorder.py.
"""

import json
import re
import sys
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from infra.laptop.template import Template, expand, of_type
from tests.permission.recorder import EXECUTIONS, FOLDER, IDENTITIES, ROOT, Needed

# Lambda itself makes these calls, under the role: a log of each function, and the pollers of its mappings.
LOGS = ("logs:CreateLogStream", "logs:PutLogEvents")
QUEUE = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
STREAM = ("dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream", "dynamodb:ListStreams")
# A key of the account's own is used by the services for the caller; moto encrypts nothing.
# What a setting names is asked by name; tests name others.
NAMED = {"SERVICE_FUNCTIONS": "lambda:InvokeFunction", "DEAD_LETTER_QUEUE_URLS": "sqs:GetQueueAttributes"}
UNSEEN = ("kms:",)
Permissions = dict[str, set[Needed]]


def granted(template: Template) -> Permissions:
    """What each function may do, by its logical id; conditional statements as if their condition held."""
    roles = dict(of_type(template, "AWS::IAM::Role"))
    return {
        name: {
            (action, resource)
            for policy in roles[properties["Role"]["Fn::GetAtt"][0]].get("Policies", ())
            for statement in policy["PolicyDocument"]["Statement"]
            for action, resource in _pairs(statement.get("Fn::If", [None, statement])[1])
            if not action.startswith(UNSEEN)
        }
        for name, properties in of_type(template, "AWS::Lambda::Function")
    }


def by_lambda(template: Template) -> Permissions:
    """What Lambda does under each function's role."""
    found: Permissions = {
        name: {(action, properties["LoggingConfig"]["LogGroup"]["Ref"]) for action in LOGS}
        for name, properties in of_type(template, "AWS::Lambda::Function")
    }
    for _, mapping in of_type(template, "AWS::Lambda::EventSourceMapping"):
        source = mapping["EventSourceArn"]["Fn::GetAtt"]
        taken = STREAM if source[1] == "StreamArn" else QUEUE
        found[mapping["FunctionName"]["Ref"]] |= {(action, source[0]) for action in taken}
        failed = mapping.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
        found[mapping["FunctionName"]["Ref"]] |= {("sqs:SendMessage", name) for name in _named(failed)}
    for _, config in of_type(template, "AWS::Lambda::EventInvokeConfig"):
        failed = config.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
        found[config["FunctionName"]["Ref"]] |= {("sqs:SendMessage", name) for name in _named(failed)}
    for name, properties in of_type(template, "AWS::Lambda::Function"):
        dead = properties.get("DeadLetterConfig", {}).get("TargetArn")
        found[name] |= {("sqs:SendMessage", queue) for queue in _named(dead)}
        for variable, action in NAMED.items():
            told = str(properties.get("Environment", {}).get("Variables", {}).get(variable, ""))
            found[name] |= {(action, one) for one in re.findall(r"\$\{(\w+)\}", told)}
    return found


def recorded(folder: Path) -> Permissions:
    """What the calls of a run took, over all its processes."""
    found: Permissions = {}
    for file in folder.glob("*.json"):
        for name, needed in json.loads(file.read_text(encoding="utf-8")).items():
            found.setdefault(name, set()).update((action, resource) for action, resource in needed)
    return found


def of_the_template(used: Permissions, template: Template) -> Permissions:
    """Without what tests put in the place of a resource: a queue that is gone, a function that crashes."""
    there = template["Resources"].keys() | {EXECUTIONS, IDENTITIES, "*"}
    return {
        name: {(action, one) for action, one in taken if one.partition("/")[0].partition("-")[0] in there}
        for name, taken in used.items()
    }


def differences(granted: Permissions, used: Permissions) -> tuple[list[str], list[str]]:
    """What is missing and what is unused, as lines, by function."""
    missing, unused = [], []
    for name, allowed in granted.items():
        taken = used.get(name, set())
        missing += [f"{name}: {a} of {r}" for a, r in sorted(taken) if not _holds(allowed, a, r)]
        unused += [
            f"{name}: {a} of {r}" for a, r in sorted(allowed) if not any(_holds({(a, r)}, *one) for one in taken)
        ]
    return missing, unused


def main() -> int:
    """Prints both; 1 where there is one, 2 where nothing was recorded."""
    template, used = expand(ROOT / "template.yaml"), recorded(FOLDER)
    if not used:
        sys.stderr.write(f"{FOLDER} has no recorded calls: pytest -p tests.permission.recorder records them\n")
        return 2
    for name, needed in by_lambda(template).items():
        used.setdefault(name, set()).update(needed)
    allowed = granted(template)
    missing, unused = differences(allowed, of_the_template(used, template))
    sys.stdout.writelines(f"missing  {one}\n" for one in missing)
    sys.stdout.writelines(f"unused   {one}\n" for one in unused)
    pairs = sum(map(len, allowed.values()))
    sys.stdout.write(f"{len(allowed)} functions, {pairs} permissions: {len(missing)} missing, {len(unused)} unused\n")
    return int(bool(missing or unused))


def _pairs(statement: dict[str, Any]) -> Iterator[Needed]:
    for action in _several(statement["Action"]):
        for resource in _several(statement["Resource"]):
            yield from ((action, name) for name in _named(resource))


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _named(arn: Any) -> list[str]:
    """A resource's logical id with what stands behind its ARN; nothing for what there is not."""
    match arn:
        case None | {"Ref": "AWS::NoValue"}:
            return []
        case {"Fn::If": [_, one, other]}:
            return _named(one) + _named(other)
        case {"Ref": name} | {"Fn::GetAtt": [name, _]}:
            return [str(name)]
        case {"Fn::Sub": [text, _]} | {"Fn::Sub": text}:
            return [_written(str(text))]
        case _:
            return [str(arn)]


def _written(text: str) -> str:
    """What an ARN that is put together stands for."""
    if ":execution:" in text:
        return EXECUTIONS
    return IDENTITIES if ":ses:" in text else re.sub(r"\$\{(\w+?)(\.\w+)?\}", r"\1", text)


def _holds(allowed: set[Needed], action: str, resource: str) -> bool:
    return any(action == one and (name == "*" or _same(name, resource)) for one, name in allowed)


def _same(granted: str, used: str) -> bool:
    """Whether a granted resource is the one that was used, under the name that moto gives it."""
    granted, used = granted.lower(), used.lower()
    return granted == used or fnmatchcase(used, f"{granted}-*")  # Secrets Manager adds six characters


if __name__ == "__main__":
    sys.exit(main())
