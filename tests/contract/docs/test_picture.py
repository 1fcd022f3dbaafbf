"""The architecture's two pictures are one drawing in two sets of colours, and show what template.yaml makes."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LIGHT = (ROOT / "docs/architecture.svg").read_text(encoding="utf-8")
DARK = (ROOT / "docs/architecture-dark.svg").read_text(encoding="utf-8")
TEMPLATE = (ROOT / "template.yaml").read_text(encoding="utf-8")
COLOUR = r"#[0-9a-f]{6}"


def drawn(picture: str) -> set[str]:
    """The texts in it."""
    return set(re.findall(r"<text[^>]*>([^<]+)</text>", picture))


def tables(template: str) -> set[str]:
    """The names of its tables, as the picture writes them."""
    return {name.lower() for name in re.findall(r"(?m)^  (\w+)Table:\n    Type: AWS::DynamoDB::Table$", template)}


def test_both_pictures_are_one_drawing() -> None:
    assert LIGHT != DARK
    assert re.sub(COLOUR, "", LIGHT) == re.sub(COLOUR, "", DARK)


@pytest.mark.parametrize("picture", [LIGHT, DARK], ids=["light", "dark"])
def test_the_picture_shows_every_service_and_every_table(picture: str) -> None:
    services = {folder.name for folder in (ROOT / "functions").iterdir() if (folder / "app.py").exists()}
    assert (services | tables(TEMPLATE)) - drawn(picture) == set()


def test_a_service_and_a_table_that_are_not_drawn_are_named() -> None:
    assert tables(TEMPLATE)
    assert tables("Resources:\n  CasesTable:\n    Type: AWS::DynamoDB::Table\n") - drawn(LIGHT) == {"cases"}
    assert {"ledger"} - drawn(LIGHT) == {"ledger"}


@pytest.mark.parametrize("picture", [LIGHT, DARK], ids=["light", "dark"])
def test_the_picture_loads_nothing_and_says_what_it_shows(picture: str) -> None:
    assert re.findall(r"(?i)(?:href|src|url)\s*[=(]\s*[\"']?(?!#)[^#\s]", picture) == []
    assert "<title" in picture
    assert "<desc" in picture
