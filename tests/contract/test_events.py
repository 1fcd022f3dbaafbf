"""Every event in events/ is what its name says: its function is there, its key is one of the template's."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.contract.expanded import ROOT, of_type, template
from tests.shipped_event import API_EVENTS, EVENTS, FUNCTIONS, begins, function_of, path_by_route


def unresolved_key(event: dict[str, Any]) -> str | None:
    """The id of its key where that is none of the template's."""
    key_id = event["requestContext"]["identity"]["apiKeyId"]
    keys: set[str | None] = {None, *of_type(template(), "AWS::ApiGateway::ApiKey")}
    return None if key_id in keys else str(key_id)


def contradictions(event: dict[str, Any]) -> list[str]:
    """What of its path, method and route is said twice and not the same."""
    context = event["requestContext"]
    pairs = {
        "path": (event["path"], path_by_route(event)),
        "stage's path": (f"/{context['stage']}{event['path']}", context["path"]),
        "route": (event["resource"], context["resourcePath"]),
        "method": (event["httpMethod"], context["httpMethod"]),
    }
    return [name for name, (one, other) in pairs.items() if one != other]


@pytest.mark.parametrize("path", API_EVENTS, ids=lambda path: path.stem)
def test_the_key_of_a_request_is_one_that_the_laptop_resolves(path: Path) -> None:
    assert unresolved_key(json.loads(path.read_text())) is None


@pytest.mark.parametrize("path", API_EVENTS, ids=lambda path: path.stem)
def test_a_request_says_of_its_path_the_same_everywhere(path: Path) -> None:
    assert contradictions(json.loads(path.read_text())) == []


def test_a_key_of_nobody_and_another_path_are_noticed() -> None:
    event = json.loads((ROOT / "events/model_api_health.json").read_text())
    assert contradictions(event | {"pathParameters": {"proxy": "policy"}}) == ["path"]
    event["requestContext"]["identity"]["apiKeyId"] = "score-key-id"
    assert unresolved_key(event) == "score-key-id"


def test_the_page_names_a_function_of_the_template_for_every_event() -> None:
    assert {begins(path) for path in EVENTS} == FUNCTIONS.keys()
    assert {function_of(path) for path in EVENTS} <= of_type(template(), "AWS::Lambda::Function").keys()


def test_every_function_has_an_event() -> None:
    assert of_type(template(), "AWS::Lambda::Function").keys() - FUNCTIONS.values() == set()
