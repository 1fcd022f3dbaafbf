"""From a stack of an earlier release to this one: templates whose tables differ by never more than one index.

CloudFormation makes or deletes one index of a table in an update. New ones are made beside the old under the old code;
then this release is deployed, which reads the new ones; then the old ones go.
"""

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.laptop.resources.index_change import IndexChange, changes, definitions, indexes
from infra.laptop.template import Template

TABLE = "TransactionsTable"
# By an index of before the one that is read instead. While functions are replaced one by one some read the old one.
SUCCESSORS = {"by_time": "by_day", "by_origin": "by_sender", "by_destination": "by_receiver", "by_review": "by_loss"}
INDEX = f"${{{TABLE}.Arn}}/index/"


@dataclass(frozen=True, slots=True)
class UpgradeStep:
    """One template to deploy, and what it is called."""

    name: str
    template: Template


def steps(deployed: Template, built: Template) -> list[UpgradeStep]:
    """The templates in the order in which they are deployed: the last one is `built`, the only one where none differ.

    `deployed` may be one of an upgrade that was cut off: it goes on from there.
    """
    planned = changes(indexes(_properties(deployed)), indexes(_properties(built)))
    first_drop = next((at for at, step in enumerate(planned) if step.kind == "drop"), len(planned))
    before, after = planned[:first_drop], planned[first_drop:]
    named = [UpgradeStep(_name(step), _with_indexes(deployed, built, step.after)) for step in before]
    there = before[-1].after if before else indexes(_properties(deployed))
    release = _old_ones_readable(_with_indexes(built, deployed, there)) if after else built
    named.append(UpgradeStep("release", release))
    return [*named, *(UpgradeStep(_name(step), _with_indexes(built, deployed, step.after)) for step in after)]


def write(found: list[UpgradeStep], folder: Path) -> list[Path]:
    """Writes the templates as JSON, numbered, and returns their paths."""
    paths = [folder / f"upgrade-{at:02d}-{step.name}.json" for at, step in enumerate(found, 1)]
    for old in folder.glob("upgrade-*.json"):
        old.unlink()
    for path, step in zip(paths, found, strict=True):
        path.write_text(json.dumps(step.template, indent=1, default=str), encoding="utf-8")
    return paths


def _properties(template: Template) -> dict[str, Any]:
    return template["Resources"][TABLE]["Properties"]


def _name(step: IndexChange) -> str:
    return f"{step.kind}-{step.name}"


def _with_indexes(template: Template, other: Template, there: Mapping[str, Any]) -> Template:
    """The template with these indexes of the table; `other` defines what attributes it does not."""
    made = deepcopy(template)
    table = _properties(made)
    known = {one["AttributeName"]: one for one in _properties(other)["AttributeDefinitions"]}
    known |= {one["AttributeName"]: one for one in table["AttributeDefinitions"]}
    table["GlobalSecondaryIndexes"] = [deepcopy(index) for index in there.values()]
    table["AttributeDefinitions"] = definitions([*known.values()], table["KeySchema"], there)
    return made


def _old_ones_readable(template: Template) -> Template:
    """The template with roles that may read the indexes of before where they may read their successors."""
    for old, new in SUCCESSORS.items():
        _beside({"Fn::Sub": INDEX + new}, {"Fn::Sub": INDEX + old}, template["Resources"])
    return template


def _beside(wanted: Any, added: Any, within: Any) -> None:
    if isinstance(within, list) and wanted in within and added not in within:
        within.append(added)
    for one in within.values() if isinstance(within, dict) else within if isinstance(within, list) else ():
        _beside(wanted, added, one)
