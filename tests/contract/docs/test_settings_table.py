"""One setting is one field, one variable, one line in a table, and one in .env.example where people choose it."""

import re
from collections import Counter
from pathlib import Path

from infra.laptop.template import Template, load
from tests.settings_classes import fields

ROOT = Path(__file__).parents[3]
DOCUMENT = next(path for name in ("docs/settings.md", "README.md") if (path := ROOT / name).is_file()).read_text()
EXAMPLE = (ROOT / ".env.example").read_text()
FIELDS = fields()


def rows(document: str) -> list[tuple[str, str]]:
    """Name and default of each setting in the tables, in order."""
    return re.findall(r"(?m)^\| `([A-Z][A-Z0-9_]+)` \| ([^|]*?) \|", document)


def assignments(example: str) -> dict[str, str]:
    """What a file of variables sets, comments aside."""
    return dict(re.findall(r"(?m)^([A-Z][A-Z0-9_]*)=(.*)$", example))


def chosen(template: Template) -> set[str]:
    """The variables whose value is a parameter, so that who deploys may choose it."""
    functions = [one["Properties"] for one in template["Resources"].values() if one["Type"].endswith("::Function")]
    told = [one["Environment"]["Variables"] for one in (template["Globals"]["Function"], *functions)]
    return {
        name
        for variables in told
        for name, value in variables.items()
        if isinstance(value, dict) and value.get("Ref") in template["Parameters"]
    }


TABLE = dict(rows(DOCUMENT))
TEMPLATE = ROOT / "template.yaml"


def test_no_setting_has_two_lines() -> None:
    assert [name for name, lines in Counter(name for name, _ in rows(DOCUMENT)).items() if lines > 1] == []


def test_every_field_has_a_line() -> None:
    assert FIELDS.keys() - TABLE.keys() == set()


def test_every_line_is_a_field_or_read_on_deployment() -> None:
    tools = "".join(path.read_text() for path in (ROOT / "infra").rglob("*.py")) + TEMPLATE.read_text()
    assert [name for name in TABLE if name not in FIELDS and not re.search(rf"\b{name}\b", tools)] == []


def test_the_table_tells_the_defaults_of_the_code() -> None:
    told = {name: default.strip("`") for name, default in TABLE.items() if name in FIELDS and "`" in default}
    assert told
    assert told == {name: str(FIELDS[name].default) for name in told}


def test_the_example_holds_what_people_may_choose() -> None:
    deployed = TABLE.keys() - FIELDS.keys()
    assert assignments(EXAMPLE).keys() == (chosen(load(TEMPLATE)) & FIELDS.keys()) | deployed


def test_the_example_sets_nothing_twice_and_leaves_nothing_commented_out() -> None:
    assert doubled(EXAMPLE) == []


def doubled(example: str) -> list[str]:
    """Names that stand in more than one line, whether they are set there or commented out."""
    names = Counter(re.findall(r"(?m)^#? *([A-Z][A-Z0-9_]*)=", example))
    return [name for name, lines in names.items() if lines > 1]


def test_a_setting_that_stands_there_twice_is_named() -> None:
    assert doubled("# A=8\nB_TIMEOUT=300\n\n# Earlier names.\n#A=8\nB_TIMEOUT=300\nC=\n") == ["A", "B_TIMEOUT"]


def test_the_example_holds_defaults_and_no_secret() -> None:
    told = {name: default.strip("`") if "`" in default else "" for name, default in TABLE.items()}
    assert assignments(EXAMPLE) == {name: told[name] for name in assignments(EXAMPLE)}


def test_a_missing_and_a_doubled_line_would_be_seen() -> None:
    assert rows("| `A_NAME` | `1` | one |\n| `A_NAME` | none | two |\n| `lower` | | |\n") == [
        ("A_NAME", "`1`"),
        ("A_NAME", "none"),
    ]


def test_a_commented_assignment_sets_nothing() -> None:
    assert assignments("# A=1\nB=\n") == {"B": ""}
