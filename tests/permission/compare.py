"""Holds what each function's role grants to what its calls took: nothing may be missing, and nothing is unused.

`make permissions` runs the integration tests with tests/permission/recorder.py, and then this. What no test uses and
is needed all the same is judged in judged.toml; a judgement about what is used, or granted no more, fails too.
"""

import json
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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
JUDGED = Path(__file__).with_name("judged.toml")


@dataclass(frozen=True, slots=True)
class Judgement:
    """That functions need permissions which no test uses. Each of the three may have `*`."""

    functions: tuple[str, ...]
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    because: str

    def covers(self, line: str) -> bool:
        """Whether it is about a permission, as `differences` says it."""
        function, _, rest = line.partition(": ")
        action, _, resource = rest.partition(" of ")
        asked = ((function, self.functions), (action, self.actions), (resource, self.resources))
        return all(any(fnmatchcase(one, pattern) for pattern in patterns) for one, patterns in asked)

    def __str__(self) -> str:
        return f"{', '.join(self.functions)}: {', '.join(self.actions)} of {', '.join(self.resources)}"


def judgements(path: Path = JUDGED) -> list[Judgement]:
    """All that are written down."""
    entries = tomllib.loads(path.read_text(encoding="utf-8")).get("unused", [])
    return [
        Judgement(tuple(one["functions"]), tuple(one["actions"]), tuple(one["resources"]), one["because"])
        for one in entries
    ]


def unjudged(unused: Iterable[str], judged: Sequence[Judgement]) -> list[str]:
    """The unused permissions that nobody has judged."""
    return [line for line in unused if not any(one.covers(line) for one in judged)]


def idle(unused: Sequence[str], judged: Iterable[Judgement]) -> list[str]:
    """The judgements about nothing: what they excused is used by now, or granted no more."""
    return [str(one) for one in judged if not any(map(one.covers, unused))]


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
            found[name] |= {(action, one) for one in _told(properties, variable)}
    return found


def _told(properties: Mapping[str, Any], variable: str) -> list[str]:
    """The resources that a variable of a function names."""
    told = str(properties.get("Environment", {}).get("Variables", {}).get(variable, ""))
    return re.findall(r"\$\{(\w+)", told) + re.findall(r"'Ref': '(\w+)'", told)


def recorded(folder: Path) -> Permissions:
    """What the calls of a run took, over all its processes."""
    found: Permissions = {}
    for file in folder.glob("*.json"):
        for name, needed in json.loads(file.read_text(encoding="utf-8")).items():
            found.setdefault(name, set()).update((action, resource) for action, resource in needed)
    return found


def of_the_template(used: Permissions, template: Template) -> Permissions:
    """Without what tests put in the place of a resource: a queue that is gone, another one that a setting names."""
    there = template["Resources"].keys() | {EXECUTIONS, IDENTITIES, "*"}
    functions, found = dict(of_type(template, "AWS::Lambda::Function")), {}
    for name, taken in used.items():
        asked = {action: _told(functions[name], variable) for variable, action in NAMED.items()}
        by_setting = {action: named for action, named in asked.items() if named}
        found[name] = {
            (action, one)
            for action, one in taken
            if one.partition("/")[0].partition("-")[0] in there and one in by_setting.get(action, [one])
        }
    return found


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
    """Prints what is wrong; 1 where something is, 2 where nothing was recorded."""
    template, used = expand(ROOT / "template.yaml"), recorded(FOLDER)
    if not used:
        sys.stderr.write(f"{FOLDER} has no recorded calls: pytest -p tests.permission.recorder records them\n")
        return 2
    for name, needed in by_lambda(template).items():
        used.setdefault(name, set()).update(needed)
    allowed = granted(template)
    missing, unused = differences(allowed, of_the_template(used, template))
    judged = judgements()
    wrong = {
        "missing": missing,
        "unused": unjudged(unused, judged),
        "judged though it is not unused": idle(unused, judged),
    }
    for what, lines in wrong.items():
        sys.stdout.writelines(f"{what}  {one}\n" for one in lines)
    pairs = sum(map(len, allowed.values()))
    sys.stdout.write(
        f"{len(allowed)} functions, {pairs} permissions: {len(missing)} missing, {len(unused)} unused, "
        f"{len(unused) - len(wrong['unused'])} of them judged\n"
    )
    return int(any(wrong.values()))


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
