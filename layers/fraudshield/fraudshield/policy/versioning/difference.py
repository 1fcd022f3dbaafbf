"""What one version says that another does not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fraudshield.policy.policy import Policy, PolicyRules

APART = frozenset({"rules", "note"})


@dataclass(frozen=True, slots=True)
class Change:
    """Something that is not the same: None where one of the versions does not say it."""

    what: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Difference:
    """The rules that are new, gone or other, by code, and all else that changed."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[Change, ...]
    settings: tuple[Change, ...]
    reordered: bool


def difference(before: Policy, after: Policy) -> Difference:
    """From one version to another. Where a code stands twice, as it could in conditions, the last counts."""
    old, new = _by_code(before), _by_code(after)
    kept = [code for code in new if code in old]
    return Difference(
        added=tuple(code for code in new if code not in old),
        removed=tuple(code for code in old if code not in new),
        changed=tuple(Change(code, old[code], new[code]) for code in kept if old[code] != new[code]),
        settings=tuple(_settings(before, after)),
        reordered=kept != [code for code in old if code in new],
    )


def _by_code(policy: Policy) -> Mapping[str, dict[str, Any]]:
    return {rule.code: rule.model_dump() for rule in policy.rules}


def _settings(before: Policy, after: Policy) -> list[Change]:
    old, new = before.model_dump(), after.model_dump()
    names = [name for name in PolicyRules.model_fields if name not in APART]
    return [Change(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)]
