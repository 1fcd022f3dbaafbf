"""What Schemathesis is told of this API: which refusals are no fault of the contract."""

import json
from typing import Any

import schemathesis
from schemathesis.openapi.checks import RejectedPositiveData
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.fuzz.explained import is_explained

MADE_HERE = 43  # characters of the shortest cursor that this API makes: 32 signed bytes
FEW = 2  # a cursor that it did not make ends a request at once, so only the shortest are sent


def allowed_data_acceptance(ctx: Any, response: Any, case: Any) -> bool | None:
    """No request that the contract allows is refused for its form."""
    try:
        accepted: bool | None = positive_data_acceptance(ctx, response, case)
    except RejectedPositiveData:
        if is_explained(json.loads(response.content), _is_typed(case.body)):
            return None
        raise
    return accepted


def _is_typed(body: Any) -> bool:
    """Whether the transactions in a body are as an event type says that the body names."""
    parts = (body, body.get("data")) if isinstance(body, dict) else ()
    return any("event_type" in part for part in parts if isinstance(part, dict))


def map_query(context: Any, query: dict[str, Any] | None) -> dict[str, Any] | None:
    """Leave out most cursors that nobody made."""
    if not query or not FEW < len(str(query.get("cursor", ""))) < MADE_HERE:
        return query
    return {name: value for name, value in query.items() if name != "cursor"}


schemathesis.check(allowed_data_acceptance)
schemathesis.hook(map_query)
