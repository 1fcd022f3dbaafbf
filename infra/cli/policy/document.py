"""A version of a policy as a file of a repository: YAML or JSON, without number, author and time."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from fraudshield.event_type.payment import BUILT_IN, NAME
from fraudshield.policy.checked_rules import check_categories, checked_rules
from fraudshield.policy.example import check_examples
from fraudshield.policy.policy import Policy, PolicyRules
from fraudshield.policy.versioning.draft import DraftContent
from fraudshield.text.fault import read_object
from fraudshield.text.json_text import readable_json
from infra.cli.event_type import parsed

CONTENT = (*PolicyRules.model_fields,)


def read(path: Path) -> dict[str, Any]:
    """What the file says. Raises Malformed, InvalidInput: what stands in it is no version."""
    body = parsed(path)
    _content(body)
    return dict(body) if isinstance(body, dict) else {}


def check(path: Path) -> str:
    """What a good file is, checked here against the built-in event type, with its examples.

    Raises Malformed, InvalidInput.
    """
    sent = _content(parsed(path))
    made = Policy(**sent.content, version=1, names=checked_rules({"/rules": sent.rules}, BUILT_IN))
    if made.by is not None:
        check_categories(made.by, BUILT_IN)
    check_examples(made, BUILT_IN, datetime.now(UTC))
    examples = sum(len(rule.examples) for rule in made.rules)
    return f"{path} goes with {NAME}: {len(made.rules)} rules, {examples} examples"


def written(version: dict[str, Any], *, as_json: bool) -> str:
    """A version as the text of a file."""
    content = {name: version[name] for name in CONTENT if name in version}
    text = readable_json(content, indent=2)
    if as_json:
        return text + "\n"
    return str(yaml.safe_dump(json.loads(text), sort_keys=False, allow_unicode=True))


def told(found: dict[str, Any]) -> list[str]:
    """A difference, a line for each rule or setting."""
    lines = [f"+ {code}" for code in found["added"]] + [f"- {code}" for code in found["removed"]]
    lines += [f"~ {one['what']}" for one in (*found["changed"], *found["settings"])]
    return lines + (["~ order of rules"] if found["reordered"] else [])


def _content(body: object) -> DraftContent:
    return read_object(body, DraftContent, "thresholds", "The policy is not valid", "invalid_policy")
