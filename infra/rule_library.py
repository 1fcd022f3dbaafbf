"""The library of rules: examples/rules, written to functions/policy/library.json by `python -m infra.rule_library`.

Each is checked against its event type first. What a function serves needs no YAML.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from fraudshield.event_type.event_type import EventType, EventTypeDocument
from fraudshield.event_type.payment import BUILT_IN
from fraudshield.policy.checked_rules import checked_rules
from fraudshield.policy.rule import Rule
from fraudshield.policy.rule_set import RuleSet
from fraudshield.policy.velocity import reach

ROOT = Path(__file__).parents[1]
RULES = ROOT / "examples/rules"
LIBRARY = ROOT / "functions/policy/library.json"


def sources() -> list[Path]:
    """A file for each rule, by name."""
    return sorted(RULES.glob("*.yaml"))


def event_type_of(name: str) -> EventType:
    """The type that rules of this name go with: the built-in one, or the document beside the rules."""
    if name == BUILT_IN.name:
        return BUILT_IN
    document = EventTypeDocument.model_validate(json.loads((RULES / f"{name}.json").read_text(encoding="utf-8")))
    return EventType(**{one: getattr(document, one) for one in EventTypeDocument.model_fields}, version=1)


def read(path: Path) -> dict[str, Any]:
    """A rule with its sentence and what it needs. Raises InvalidInput: it does not go with its event type."""
    said: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    event_type, lists = event_type_of(said["event_type"]), said.get("lists", {})
    aggregates = said.get("aggregates", {})
    rule = Rule.model_validate(json.loads(json.dumps(said["rule"]), parse_float=_exact))
    rules = RuleSet((rule,), checked_rules({"/rules": [rule]}, event_type, lists))
    return {
        "event_type": event_type.name,
        "says": said["says"],
        "aggregates": aggregates,
        "lists": lists,
        "reads": _reads(rules, aggregates),
        "rule": said["rule"],
    }


def library() -> list[dict[str, Any]]:
    """All rules of the library."""
    return [read(path) for path in sources()]


def text() -> str:
    """The library as it is committed."""
    return json.dumps(library(), indent=1, ensure_ascii=False) + "\n"


def _reads(rules: RuleSet, aggregates: Mapping[str, Any]) -> dict[str, int]:
    """What a payment costs beside: queries of an index, of at most 1,000 rows, and look-ups in lists."""
    over = {aggregates[name]["over"] for name in rules.aggregates}
    return {"queries": len(over) + len(reach(rules.velocities)), "look_ups": len(rules.lists)}


def _exact(spelled: str) -> Decimal:
    return Decimal(spelled)


if __name__ == "__main__":
    LIBRARY.write_text(text(), encoding="utf-8")
    print(f"{LIBRARY.relative_to(ROOT)}: {len(library())} rules")  # noqa: T201 what it made
