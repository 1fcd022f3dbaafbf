"""The files of events/, the function that takes each, and what its response says that it should."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from openapi_schema_validator import OAS31Validator, oas31_format_checker

from infra.openapi import document
from tests.conftest import ROOT

FOLDER = ROOT / "events"
SAMPLES = {"event_type", "transaction"}  # what the command line is shown with
STORING = ("model_api_score", "model_api_score_flagged", "analytics_stream_stored")  # others are about what these store
FIRST = (*STORING, "model_api_replay")  # before an account is erased
CONTRACT: dict[str, Any] = json.loads(document.DOCUMENT.read_text(encoding="utf-8"))


def _rank(path: Path) -> tuple[int, str]:
    return (FIRST.index(path.stem) if path.stem in FIRST else len(FIRST), path.stem)


EVENTS = sorted((path for path in FOLDER.glob("*.json") if path.stem not in SAMPLES), key=_rank)
FUNCTIONS: dict[str, str] = dict(
    re.findall(r"(?m)^\| `(\w+)` \| (\w+Function) \|$", (FOLDER / "README.md").read_text(encoding="utf-8"))
)


def begins(path: Path) -> str:
    """`<service>_<trigger>`."""
    return "_".join(path.stem.split("_")[:2])


def function_of(path: Path) -> str:
    """The logical id of the function that takes it, as the folder's page says."""
    return str(FUNCTIONS[begins(path)])


API_EVENTS = [path for path in EVENTS if begins(path).endswith("_api")]


def path_by_route(event: dict[str, Any]) -> str:
    """Its path as the function puts it together: of the route and its parameters."""
    given: dict[str, str] = event["pathParameters"] or {}
    return re.sub(r"\{(\w+)\+?\}", lambda found: str(given.get(found[1], "")), str(event["resource"]))


def faults(path: Path, response: Any) -> list[str]:
    """What a function's response to an event has that the event's name does not promise."""
    event = json.loads(path.read_text(encoding="utf-8"))
    match begins(path).split("_")[1]:
        case "api":
            return _of_request(event, response) or _of_case(path.stem, response["body"])
        case "sqs":
            return _unlike({"batchItemFailures": []}, response)
        case "stream":
            return _unlike({"state": {}} if path.stem.startswith("analytics") else None, response)
        case "states":
            return _unlike({"index": event["chunk"]["index"]}, response)
        case _:
            return _unlike(None, response)


def _unlike(wanted: Any, response: Any) -> list[str]:
    return [] if response == wanted else [f"{response} instead of {wanted}"]


def _of_request(event: dict[str, Any], response: Any) -> list[str]:
    """By the contract's operation of this method and path."""
    status, path = response.get("statusCode"), event["path"]
    if status not in {200, 201, 202}:
        return [f"{status}: {response.get('body')}"]
    if path not in CONTRACT["paths"]:
        path = next((one for one in CONTRACT["paths"] if _fits(one, path)), "")
    if not path:
        return []  # the document itself, and the page
    content = CONTRACT["paths"][path][event["httpMethod"].lower()]["responses"][str(status)]["content"]
    schema = content.get("application/json", {}).get("schema")
    if schema is None:
        return []
    validator = OAS31Validator({**schema, "components": CONTRACT["components"]}, format_checker=oas31_format_checker)
    return [error.message for error in validator.iter_errors(json.loads(response["body"]))]


def _fits(operation: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(operation)), path) is not None


def _of_case(name: str, body: str) -> list[str]:
    """What the last words of its name promise of the body."""
    told: Any = json.loads(body) if body.startswith("{") else {}
    holds: dict[str, Callable[[], bool]] = {
        "_health": lambda: told["status"] == "healthy",
        "_flagged": lambda: all(one["decision"] in {"review", "block"} for one in told["results"]),
        "_score_partly_invalid": lambda: {"error" in one for one in told["results"]} == {True, False},
        "ingest_api_partly_invalid": lambda: told["status"] == "partial",
        "_page": lambda: body.startswith("<!doctype html>"),
        "_openapi": lambda: told == CONTRACT,
    }
    return [f"{end}: {body}" for end, promise in holds.items() if name.endswith(end) and not promise()]
