"""Whether the contract says that an operation may respond so: all that tests get in process is held to it."""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

CONTRACT = json.loads((Path(__file__).parents[2] / "functions/gateway/openapi.json").read_text(encoding="utf-8"))


def undocumented(method: str, path: str, status: int, media_type: str) -> str:
    """What the contract does not know of a response; empty where it does, and where it does not know the operation."""
    found = _operation(method.lower(), path)
    if not found:
        return ""
    response = found["responses"].get(str(status))
    if response is None:
        return f"{found['operationId']} may not respond with {status}"
    if "$ref" in response:
        response = CONTRACT["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
    known = response.get("content", {"": {}})
    plain = media_type.partition(";")[0]
    return "" if plain in known else f"{found['operationId']} may not respond with {status} in {plain or 'no type'}"


@cache
def _operation(method: str, path: str) -> Mapping[str, Any]:
    for template, item in CONTRACT["paths"].items():
        if method in item and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path):
            found: Mapping[str, Any] = item[method]
            return found
    return {}
