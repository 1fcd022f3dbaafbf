"""The page asks for nothing that the API does not have."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "functions/gateway/page"
CALL = re.compile(r"api/v1/(?:[\w./-]|\$\{(?!query)\w+\})*")


def shape(path: str) -> str:
    """A path whose parameters have no names."""
    return re.sub(r"\$\{\w+\}|\{[\w:]+\}", "{}", path).strip("/")


def calls(text: str) -> set[str]:
    """The paths that a module of the page has in it."""
    return {shape(found) for found in CALL.findall(text)} - {"api/v1"}


def unknown(found: set[str]) -> set[str]:
    """What is no path of the API, and not the beginning of one either: a module may put them together."""
    paths = json.loads((ROOT / "functions/gateway/openapi.json").read_text())["paths"]
    known = {shape(path) for path in paths}
    return {one for one in found if one not in known and not any(path.startswith(f"{one}/") for path in known)}


def test_every_call_of_the_page_is_a_path_of_the_api() -> None:
    own = [one for one in PAGE.rglob("*.js") if "vendor" not in one.parts]
    found = {call for one in own for call in calls(one.read_text(encoding="utf-8"))}
    assert len(found) > 20
    assert unknown(found) == set()


def test_a_call_that_is_misspelled_is_found() -> None:
    assert unknown(calls("call(path`api/v1/database/logg/${name}`)")) == {"api/v1/database/logg/{}"}
