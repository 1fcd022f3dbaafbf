"""Nothing that serves reads a whole table: lists and counts cost the same on day one and at a billion rows."""

import re
from collections.abc import Iterator
from pathlib import Path

from infra.laptop.template import Template
from tests.contract.expanded import ROOT, of_type, planted, properties, template

SERVING = ("layers/fraudshield/fraudshield", "functions")
SCAN = re.compile(r"\.scan\(|[\"']scan[\"']")


def scans(text: str) -> bool:
    return SCAN.search(text) is not None


def serving() -> Iterator[Path]:
    for folder in SERVING:
        yield from (ROOT / folder).rglob("*.py")


def roles_that_may_scan(template: Template) -> list[str]:
    return [name for name, role in of_type(template, "AWS::IAM::Role").items() if "dynamodb:Scan" in str(role)]


def test_no_code_that_serves_scans_a_table() -> None:
    assert [path.name for path in serving() if scans(path.read_text())] == []
    assert len(list(serving())) > 100


def test_no_role_may_scan_a_table() -> None:
    assert roles_that_may_scan(template()) == []


def test_a_planted_scan_is_noticed() -> None:
    assert scans('found = clients.dynamodb().scan(TableName="t")')
    assert scans('client.get_paginator("scan")')
    damaged = planted(
        lambda t: properties(t, "ModelRole")["Policies"][0]["PolicyDocument"]["Statement"][1].update(
            Action=["dynamodb:Scan"]
        )
    )
    assert roles_that_may_scan(damaged) == ["ModelRole"]
