"""template.yaml as a text: its contents, and what is written once by anchors that CloudFormation never sees."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml
from samcli.yamlhelper import yaml_dump, yaml_parse

from infra.laptop.template import load
from tests.contract.expanded import ROOT

TEXT = (ROOT / "template.yaml").read_text(encoding="utf-8")
LONG = 6  # so many lines that stand three times are worth a name


def the_contents_name_every_section_in_its_order(text: str) -> list[str]:
    listed = re.findall(r"^#   ## (\w+)", text, re.MULTILINE)
    marked = re.findall(r"^  ## (\w+)$", text, re.MULTILINE)
    return [] if listed == marked else [f"listed {listed}, marked {marked}"]


def every_anchor_is_used(text: str) -> list[str]:
    aliases = {token.value for token in yaml.scan(text) if isinstance(token, yaml.AliasToken)}
    return [
        token.value for token in yaml.scan(text) if isinstance(token, yaml.AnchorToken) and token.value not in aliases
    ]


def nothing_long_stands_three_times(text: str) -> list[str]:
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    blocks = Counter(tuple(lines[at : at + LONG]) for at in range(len(lines) - LONG + 1))
    return ["\n".join(block) for block, times in blocks.items() if times > 2]


def no_resource_shares_what_sam_changes_in_place(text: str) -> list[str]:
    resources = yaml_parse(text)["Resources"]
    owners: dict[int, str] = {}
    return [
        name
        for name, resource in resources.items()
        for part in changed(resource)
        if owners.setdefault(id(part), name) != name
    ]


def changed(resource: dict[str, Any]) -> Iterator[Any]:
    yield from (resource, resource.get("Properties"), resource.get("Metadata", resource))


Rule = Callable[[str], list[str]]

RULES: list[Rule] = [
    the_contents_name_every_section_in_its_order,
    every_anchor_is_used,
    nothing_long_stands_three_times,
    no_resource_shares_what_sam_changes_in_place,
]

SPARE = "  Spare{number}:\n    Type: AWS::SNS::Topic\n    Properties:\n" + "".join(
    f"      {key}: x\n" for key in ("DisplayName", "TopicName", "FifoTopic", "TracingConfig")
)
TWINS = "Resources:\n  One: &one\n    Type: AWS::SNS::Topic\n    Properties: {DisplayName: x}\n  Other:\n    <<: *one\n"

PLANTED: list[tuple[Rule, str, str]] = [
    (the_contents_name_every_section_in_its_order, TEXT.replace("  ## Keys\n", "  ## Key\n"), "'Key'"),
    (the_contents_name_every_section_in_its_order, TEXT.replace("#   ## Queues ", "#   Queues "), "'Queues'"),
    (every_anchor_is_used, TEXT.replace("Outputs:\n", "Outputs: &spare\n"), "spare"),
    (nothing_long_stands_three_times, TEXT + "".join(SPARE.format(number=number) for number in range(3)), "TopicName"),
    (no_resource_shares_what_sam_changes_in_place, TWINS, "Other"),
]


@pytest.mark.parametrize("rule", RULES)
def test_the_text_keeps_the_rule(rule: Rule) -> None:
    assert rule(TEXT) == []


@pytest.mark.parametrize(("rule", "text", "named"), PLANTED)
def test_a_planted_defect_is_named(rule: Rule, text: str, named: str) -> None:
    assert any(named in problem for problem in rule(text))


def test_what_sam_writes_for_cloudformation_has_no_alias_and_says_the_same() -> None:
    written = yaml_dump(yaml_parse(TEXT))
    assert not [token for token in yaml.scan(written) if isinstance(token, (yaml.AliasToken, yaml.AnchorToken))]
    assert "<<" not in written
    assert yaml_parse(written) == load(ROOT / "template.yaml")


def test_a_role_that_is_changed_in_memory_changes_no_other() -> None:
    resources = load(ROOT / "template.yaml")["Resources"]
    resources["ModelRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"].clear()
    assert resources["BatchRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
