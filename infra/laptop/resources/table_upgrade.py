"""Tables that an earlier version of the template made get the indexes of this one, and keep their items."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from infra.laptop.errors import SetupError
from infra.laptop.intrinsic import Resolver
from infra.laptop.resources.index_change import IndexChange, changes, definitions, indexes
from infra.laptop.resources.table import described, different_parts, shape_of, wanted_table
from infra.laptop.template import Template, of_type

POLL_S, INDEX_S = 0.1, 600.0  # how long one index may take to be made
INDEXED = frozenset({"GlobalSecondaryIndexes", "AttributeDefinitions"})


@dataclass(frozen=True, slots=True)
class TableUpgrade:
    """What one table, as it is now, is to become."""

    table: str
    wanted: Mapping[str, Any]
    steps: Sequence[IndexChange]


def upgrades(template: Template, parameters: Mapping[str, str], dynamodb: Any) -> list[TableUpgrade]:
    """The tables that are there with other indexes than the template says.

    Raises SetupError where that is not all that differs, or an index is another one under the same name.
    """
    resolver = Resolver(template, parameters)
    tables = (wanted_table(resolver, name, one) for name, one in of_type(template, "AWS::DynamoDB::Table"))
    found = ((wanted, described(dynamodb, wanted["TableName"])) for wanted in tables)
    planned = [_planned(wanted, table) for wanted, table in found if table is not None]
    return [one for one in planned if one.steps]


def upgrade(plan: TableUpgrade, dynamodb: Any, tell: Callable[[str], None]) -> None:
    """Makes one step after another and waits for each; `tell` hears of it. One that was cut off goes on from there."""
    for step in plan.steps:
        tell(f"{plan.table}: {'making' if step.kind == 'make' else 'dropping'} the index {step.name}")
        defined = definitions(plan.wanted["AttributeDefinitions"], plan.wanted["KeySchema"], step.after)
        change = (
            {"Create": {name: step.after[step.name][name] for name in ("IndexName", "KeySchema", "Projection")}}
            if step.kind == "make"
            else {"Delete": {"IndexName": step.name}}
        )
        asked: dict[str, Any] = {"AttributeDefinitions": defined} if step.kind == "make" else {}
        dynamodb.update_table(TableName=plan.table, GlobalSecondaryIndexUpdates=[change], **asked)
        _wait(dynamodb, plan.table, set(step.after))


def _planned(wanted: Mapping[str, Any], table: Mapping[str, Any]) -> TableUpgrade:
    name, now, then = wanted["TableName"], indexes(table), indexes(wanted)
    changed = [index for index in now if index in then and shape_of(now[index]) != shape_of(then[index])]
    others = [*(part for part in different_parts(table, wanted) if part not in INDEXED), *changed]
    if others:
        raise SetupError(f"The table {name} is there with another {' and '.join(others)}: only indexes can be upgraded")
    return TableUpgrade(name, wanted, changes(now, then))


def _wait(dynamodb: Any, table: str, names: set[str]) -> None:
    give_up_at = time.monotonic() + INDEX_S
    while True:
        now = described(dynamodb, table) or {}
        found = indexes(now)
        states = {now.get("TableStatus"), *(index.get("IndexStatus") for index in found.values())}
        if found.keys() == names and states == {"ACTIVE"}:
            return
        if time.monotonic() > give_up_at:
            raise SetupError(f"The indexes of {table} were not ready within {INDEX_S:.0f} s; start again to go on")
        time.sleep(POLL_S)
