"""The library: rules to begin with, each with its sentence, two examples, and what it costs in reads."""

import json
from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter, Depends, Response

from fraudshield.api.openapi import documented
from fraudshield.api.request import scope
from fraudshield.api.response import json_response
from fraudshield.policy.library import LibraryResponse, LibraryRule

RULES = Path(__file__).parent / "library.json"  # made of examples/rules

router = APIRouter()


@router.get("/library", dependencies=[Depends(scope("analyst"))], **documented(LibraryResponse))
async def library() -> Response:
    """Rules to begin with; none counts before it stands in a version that somebody activates."""
    response: LibraryResponse = {"rules": _rules(), "count": len(_rules())}
    return json_response(response)


@lru_cache
def _rules() -> list[LibraryRule]:
    found: list[LibraryRule] = json.loads(RULES.read_text(encoding="utf-8"))
    return found
