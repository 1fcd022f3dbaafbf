"""docs/api.md has every call of the contract and no other; what README picks of them is there too."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
CONTRACT = json.loads((ROOT / "functions/gateway/openapi.json").read_text(encoding="utf-8"))
METHODS = {"get", "put", "post", "delete", "patch"}


def told(page: str) -> list[str]:
    """The calls that the rows of its tables begin with, as `GET /health`."""
    cells = re.findall(r"(?m)^\| ((?:`[A-Z]+ /[^`]*`(?:, )?)+) \|", page)
    return [call for cell in cells for call in re.findall(r"`([A-Z]+ /[^`]*)`", cell)]


def promised() -> set[str]:
    """The calls of the contract."""
    return {f"{method.upper()} {path}" for path, item in CONTRACT["paths"].items() for method in METHODS & item.keys()}


def without_names(call: str) -> str:
    """The call with `{}` for whatever stands in braces."""
    return re.sub(r"\{\w+\}", "{}", call)


def test_the_page_tells_every_call_of_the_contract_once() -> None:
    assert sorted(told((ROOT / "docs/api.md").read_text(encoding="utf-8"))) == sorted(promised())


def test_readme_picks_calls_of_the_contract() -> None:
    picked = told((ROOT / "README.md").read_text(encoding="utf-8"))
    assert picked
    assert set(map(without_names, picked)) - set(map(without_names, promised())) == set()


def test_calls_are_read_from_the_first_cell_only() -> None:
    page = "| `GET /a`, `PUT /a/{b}` | score | as `POST /c` |\n| call | what |\n`GET /d`\n"
    assert told(page) == ["GET /a", "PUT /a/{b}"]
