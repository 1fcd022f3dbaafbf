"""From the stack of the version before to this one: CloudFormation takes one index of a table in an update."""

import json
from copy import deepcopy
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from infra.cli import upgrade
from infra.laptop import template
from infra.laptop.errors import SetupError
from infra.laptop.resources.index_change import definitions, fits, indexes
from infra.laptop.template import Template
from infra.stack_upgrade import INDEX, SUCCESSORS, TABLE, UpgradeStep, steps
from tests.conftest import ROOT

BEFORE = json.loads((ROOT / "tests/data/stored_by_1_4/table.json").read_text())


@pytest.fixture(scope="module")
def built() -> Template:
    return template.load(ROOT / "template.yaml")


@pytest.fixture(scope="module")
def deployed(built: Template) -> Template:
    """As the version before was: its table, its code, and roles that read its indexes."""
    made: Template = deepcopy(built)
    made["Resources"][TABLE]["Properties"] |= BEFORE
    made["Resources"]["ModelFunction"]["Properties"]["CodeUri"] = "s3://bucket/before"
    return made


def table(one: Template) -> dict[str, Any]:
    return one["Resources"][TABLE]["Properties"]


def differences(sequence: list[Template]) -> list[set[str]]:
    names = [indexes(table(one)) for one in sequence]
    assert all(here[name] == there[name] for here, there in pairwise(names) for name in here if name in there)
    return [here.keys() ^ there.keys() for here, there in pairwise(names)]


def test_no_two_templates_differ_by_more_than_one_index(deployed: Template, built: Template) -> None:
    found = steps(deployed, built)
    changed = differences([deployed, *(step.template for step in found)])
    assert max(map(len, changed)) == 1
    assert set.union(*changed) == indexes(table(deployed)).keys() | indexes(table(built)).keys()
    for step in found:
        made = table(step.template)
        there = indexes(made)
        assert fits(there)
        assert made["AttributeDefinitions"] == definitions(made["AttributeDefinitions"], made["KeySchema"], there)
    assert len(found) > len(SUCCESSORS)


def test_the_last_template_is_this_version(deployed: Template, built: Template) -> None:
    last = steps(deployed, built)[-1].template
    assert indexes(table(last)) == indexes(table(built))
    attributes = [
        {one["AttributeName"]: one["AttributeType"] for one in table(t)["AttributeDefinitions"]} for t in (last, built)
    ]
    assert attributes[0] == attributes[1]
    others = [{name: one for name, one in made["Resources"].items() if name != TABLE} for made in (last, built)]
    assert others[0] == others[1]


def test_the_release_reads_what_is_there_and_drops_nothing(deployed: Template, built: Template) -> None:
    found = steps(deployed, built)
    release = next(step for step in found if step.name == "release")
    there = indexes(table(release.template)).keys()
    assert {*SUCCESSORS, *SUCCESSORS.values()} <= there
    before = found[: found.index(release)]
    assert {_code(step) for step in before} == {"s3://bucket/before"}
    assert _code(release) == built["Resources"]["ModelFunction"]["Properties"]["CodeUri"]
    role = json.dumps(release.template["Resources"]["DatabaseRole"])
    assert all(f'"Fn::Sub": "{INDEX}{name}"' in role for pair in SUCCESSORS.items() for name in pair)


def _code(step: UpgradeStep) -> Any:
    return step.template["Resources"]["ModelFunction"]["Properties"]["CodeUri"]


def test_an_upgrade_that_was_cut_off_goes_on(deployed: Template, built: Template) -> None:
    found = steps(deployed, built)
    for at, step in enumerate(found):
        rest = steps(step.template, built)
        assert max((len(one) for one in differences([step.template, *(one.template for one in rest)])), default=0) <= 1
        assert indexes(table(rest[-1].template)) == indexes(table(built))
        assert len(rest) <= len(found) - at


def test_a_stack_of_this_version_is_deployed_as_it_is(built: Template) -> None:
    assert [step.template for step in steps(built, built)] == [built]


def test_the_templates_are_written_in_order(tmp_path: Path, deployed: Template) -> None:
    (tmp_path / "deployed.json").write_text(json.dumps(deployed, default=str))
    built = tmp_path / "template.yaml"
    built.write_text((ROOT / "template.yaml").read_text())
    (tmp_path / "upgrade-99-old.json").write_text("{}")
    paths = upgrade.templates(tmp_path / "deployed.json", built)
    assert sorted(tmp_path.glob("upgrade-*.json")) == paths
    assert [path.stem.split("-", 2)[2] for path in paths][:2] == ["make-by_day", "make-by_sender"]
    with pytest.raises(SetupError, match="should be templates of FraudShield"):
        upgrade.templates(ROOT / "pyproject.toml", built)
