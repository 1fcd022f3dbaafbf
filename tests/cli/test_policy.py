"""`fraudshield policy`: a version as a file of a repository, checked here, and what the API is asked."""

import json
from pathlib import Path
from typing import Any

import pytest

from fraudshield.errors import InvalidInput
from infra.cli.policy import document
from tests.conftest import README_TRANSACTION

RULE: dict[str, Any] = {
    "code": "large",
    "outcome": "review",
    "when": "amount > 5000",
    "expires_at": "2099-01-31T00:00:00Z",
    "examples": [{"transaction": README_TRANSACTION | {"amount": 5001.0}, "outcome": "review"}],
}
VERSION: dict[str, Any] = {
    "thresholds": {"review": 0.0279, "block": 0.3923},
    "conditions": [],
    "rules": [RULE],
    "note": "large ones, größer als 5.000",
    "version": 7,
    "state": "active",
    "digest": "0" * 64,
}


@pytest.mark.parametrize("as_json", [True, False])
def test_an_exported_version_is_read_and_checked_as_it_was(tmp_path: Path, as_json: bool) -> None:
    path = tmp_path / ("policy.json" if as_json else "policy.yaml")
    path.write_text(document.written(VERSION, as_json=as_json), encoding="utf-8")
    assert json.loads(json.dumps(document.read(path), default=float)) == {
        name: VERSION[name] for name in ("thresholds", "rules", "note")
    }
    assert document.check(path) == f"{path} goes with payment: 1 rules, 1 examples"


def test_an_example_that_fails_is_named(tmp_path: Path) -> None:
    path = tmp_path / "policy.json"
    path.write_text(json.dumps({"thresholds": VERSION["thresholds"], "rules": [RULE | {"when": "amount > 9000"}]}))
    with pytest.raises(InvalidInput) as refused:
        document.check(path)
    assert [one.pointer for one in refused.value.faults] == ["/rules/0/examples/0"]


def test_a_difference_is_a_line_for_each_rule_and_setting() -> None:
    changed: Any = {"what": "large", "before": {}, "after": {}}
    found = {"added": ["a"], "removed": ["b"], "changed": [changed], "settings": [], "reordered": True}
    assert document.told(found) == ["+ a", "- b", "~ large", "~ order of rules"]
