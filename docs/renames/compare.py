"""Compares two runs of the tests by name, through the tables of renames in this folder.

    python docs/renames/compare.py before.xml after.xml

The files are pytest's (`--junitxml`). Prints how many tests passed in both, and names those that are only in one.
"""

import csv
import re
import sys
from pathlib import Path
from xml.etree import ElementTree

HERE = Path(__file__).parent


def passed(path: str) -> set[str]:
    """Ids such as `tests/unit/test_budget.py::test_name[case]` of the tests that passed or were skipped."""
    found = set()
    for case in ElementTree.parse(path).iter("testcase"):  # noqa: S314 our own file
        if case.find("failure") is None and case.find("error") is None:
            found.add(f"{case.get('classname', '').replace('.', '/')}.py::{case.get('name')}")
    return found


def renamed(name: str, files: dict[str, str], tests: dict[str, str]) -> str:
    """The id that a test of before has now."""
    file, _, rest = name.partition("::")
    function, case = re.fullmatch(r"([^\[]*)(.*)", rest, re.DOTALL).groups()  # type: ignore[union-attr]
    whole = f"{file}::{function}"
    return (tests.get(whole) or f"{files.get(file, file)}::{function}") + case


def main(before: str, after: str) -> int:
    """How many are missing."""
    files, tests = {}, {}
    for table in sorted(HERE.glob("*.tsv")):
        for row in csv.DictReader(table.open(), delimiter="\t"):
            if row["kind"] == "test":
                tests[row["old"]] = row["new"]
            elif row["kind"] == "module" and row["old"].endswith(".py"):
                files[row["old"]] = row["new"]
    old, new = {renamed(name, files, tests) for name in passed(before)}, passed(after)
    sys.stdout.write(
        f"{len(old & new)} passed before and after; {len(old - new)} only before, {len(new - old)} only after\n"
    )
    for name in sorted(old - new):
        sys.stdout.write(f"only before: {name}\n")
    return len(old - new)


if __name__ == "__main__":
    sys.exit(bool(main(*sys.argv[1:3])))
