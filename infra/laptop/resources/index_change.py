"""From one shape of a table to another: index by index, since that is how DynamoDB and CloudFormation take them.

No index is ever changed: where it is to carry something else, a new one under a new name is made and the old one goes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

MOST_INDEXES = 20  # of a table
MOST_CARRIED = 100  # attributes that all indexes of a table together name beside their keys
Index = Mapping[str, Any]  # as a template and DynamoDB have it
Indexes = Mapping[str, Index]  # by name


@dataclass(frozen=True, slots=True)
class IndexChange:
    """One index that is made or goes, and which there are then."""

    kind: Literal["make", "drop"]
    name: str
    after: Indexes


def indexes(properties: Mapping[str, Any]) -> dict[str, Index]:
    """The indexes of a table, by name."""
    return {index["IndexName"]: index for index in properties.get("GlobalSecondaryIndexes", ())}


def changes(before: Indexes, wanted: Indexes) -> list[IndexChange]:
    """One after another: as many new ones as there is room for beside the old, then the old go, then the other new."""
    found: list[IndexChange] = []
    there, missing = dict(before), [name for name in wanted if name not in before]
    while missing and fits({**there, missing[0]: wanted[missing[0]]}):
        found.append(_make(there, missing.pop(0), wanted))
    for name in [name for name in before if name not in wanted]:
        del there[name]
        found.append(IndexChange("drop", name, dict(there)))
    found += [_make(there, name, wanted) for name in missing]
    return found


def fits(there: Indexes) -> bool:
    """Whether DynamoDB takes so many indexes that carry so much."""
    return len(there) <= MOST_INDEXES and carried(there) <= MOST_CARRIED


def carried(there: Indexes) -> int:
    """How many attributes the indexes name beside keys; one that two indexes carry counts twice."""
    return sum(len(index["Projection"].get("NonKeyAttributes", ())) for index in there.values())


def keys(there: Indexes) -> Iterator[str]:
    """The attributes that are keys of some index."""
    return (key["AttributeName"] for index in there.values() for key in index["KeySchema"])


def definitions(of: Sequence[Mapping[str, str]], keyed: Sequence[Mapping[str, str]], there: Indexes) -> list[Any]:
    """Of the definitions of attributes those that the table's keys or its indexes need: DynamoDB refuses others."""
    needed = {*(key["AttributeName"] for key in keyed), *keys(there)}
    return [one for one in of if one["AttributeName"] in needed]


def _make(there: dict[str, Index], name: str, wanted: Indexes) -> IndexChange:
    there[name] = wanted[name]
    return IndexChange("make", name, dict(there))
