"""Parameters: those in a path, of whose names there are few, and those behind the question mark, which are models."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from fraudshield.api.gateway_event import CLAIM
from fraudshield.api.path import ModelVersion
from fraudshield.errors import FraudShieldError, InvalidInput, NotFound
from fraudshield.event_type.event_type import TypeName
from fraudshield.text.pattern import NO_CONTROLS
from fraudshield.text.query import Query
from fraudshield.transaction.transaction import Name, TransactionId
from infra.openapi.named_operation import Operation
from infra.openapi.schema import TEMPLATE, plain


@dataclass(frozen=True, slots=True)
class PathParameter:
    """What stands for the name in a path, and the error where it stands for nothing."""

    schema: dict[str, Any]
    refused: type[FraudShieldError] = NotFound


PATH = {
    "account": PathParameter(TypeAdapter(Name).json_schema(), InvalidInput),  # nobody can say that there is none
    "alert_id": PathParameter({"type": "string", "minLength": 1, "maxLength": 128}),
    "entity": PathParameter(TypeAdapter(TypeName).json_schema()),
    "value": PathParameter({"type": "string", "minLength": 1, "maxLength": 512, "pattern": NO_CONTROLS}, InvalidInput),
    "listed_value": PathParameter({"type": "string", "minLength": 1, "maxLength": 512, "pattern": NO_CONTROLS}),
    "name": PathParameter(TypeAdapter(TypeName).json_schema()),
    "version": PathParameter({"type": "string", "pattern": "^[1-9][0-9]{0,8}$"}),
    "model_version": PathParameter(TypeAdapter(ModelVersion).json_schema()),
    "backtest_id": PathParameter({"type": "string", "pattern": "^backtest-[0-9a-f]{32}$"}),
    "comparison_id": PathParameter({"type": "string", "pattern": "^backtest-[0-9a-f]{32}$"}),
    "job_id": PathParameter({"type": "string", "pattern": "^job-[0-9a-f]{32}$"}),
    "subscriber_id": PathParameter({"type": "string", "pattern": "^[0-9a-f]{24}$"}),
    "transaction_id": PathParameter(TypeAdapter(TransactionId).json_schema()),
}


def names_in(path: str) -> list[str]:
    """The names in braces. Raises KeyError for one that has no schema above."""
    return [name for name in re.findall(r"{(\w+)}", path) if PATH[name]]


def in_path(path: str, known: Operation) -> Iterator[dict[str, Any]]:
    """The parameters of a path."""
    for name in names_in(path):
        shown = {"schema": PATH[name].schema, "example": known.path[name]}
        yield {"name": name, "in": "path", "required": True, **shown}


def in_query(query: type[Query] | None, known: Operation) -> Iterator[dict[str, Any]]:
    """The parameters behind the question mark. One that may be left out is so by leaving it out: there is no null."""
    if query is None:
        return
    schema = query.model_json_schema(ref_template=TEMPLATE)
    for name, property_ in schema["properties"].items():
        found: dict[str, Any] = {"name": name, "in": "query", "required": name in schema.get("required", ())}
        found["schema"] = plain(_without_null(property_))
        if name in known.query:
            found["example"] = known.query[name]
        yield found


HEADERS = {"X-Claim": "What POST /api/v1/database/reviews/next gave as `claim`"}


def in_header(sends: Sequence[str], known: Operation) -> Iterator[dict[str, Any]]:
    """The headers that a route reads, beside those that all do. None must be there, or the route says so itself."""
    for name in sends:
        schema = {"type": "string", "pattern": CLAIM.pattern}
        shown = {"schema": schema, "description": HEADERS[name], "example": known.headers[name]}
        yield {"name": name, "in": "header", "required": False, **shown}


def definitions(query: type[Query] | None) -> dict[str, Any]:
    """The schemas that the parameters refer to."""
    found = {} if query is None else query.model_json_schema(ref_template=TEMPLATE).get("$defs", {})
    return {name: plain(schema) for name, schema in found.items()}


def _without_null(property_: dict[str, Any]) -> dict[str, Any]:
    shown = {name: value for name, value in property_.items() if name != "title"}
    if "anyOf" not in shown:
        return shown
    [held] = [one for one in shown.pop("anyOf") if one != {"type": "null"}]
    if shown.get("default", "") is None:
        del shown["default"]
    return {**held, **shown}
