"""The contract as programs read it: what a client generator needs, and nothing that only pydantic understands."""

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from keyword import iskeyword
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator, oas31_format_checker
from openapi_spec_validator import validate

from infra.openapi import document
from infra.openapi.operation import OPERATIONS
from infra.openapi.schema import BOUNDS
from infra.openapi.status import PROBLEMS

CONTRACT = json.loads(document.DOCUMENT.read_text(encoding="utf-8"))
CLOSED = {"decision", "prediction", "decision_source", "severity", "standing", "job_type", "notification_type"}


def operations(contract: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in contract["paths"].items():
        for method, operation in item.items():
            yield f"{method.upper()} {path}", operation


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    """Every object in the document."""
    if isinstance(node, dict):
        yield node
    for below in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from nodes(below)


def properties(contract: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Schema, property and what it may be; null is left out."""
    for name, schema in contract["components"]["schemas"].items():
        for field, found in schema.get("properties", {}).items():
            for one in found.get("anyOf", [found]):
                if one != {"type": "null"}:
                    yield name, field, one


def names_that_no_client_can_have(contract: dict[str, Any]) -> list[str]:
    names = [operation["operationId"] for _, operation in operations(contract)]
    odd = [name for name in names if not re.fullmatch(r"[a-z][A-Za-z]*", name) or iskeyword(name)]
    return odd + sorted({name for name in names if names.count(name) > 1})


def references_that_lead_nowhere(contract: dict[str, Any]) -> list[str]:
    found = [node["$ref"] for node in nodes(contract) if "$ref" in node]
    return [ref for ref in found if not isinstance(_at(contract, ref), dict)]


def _at(contract: dict[str, Any], ref: str) -> Any:
    found: Any = contract
    for step in ref.removeprefix("#/").split("/"):
        found = found.get(step) if isinstance(found, dict) else None
    return found


def words_that_are_pydantics(contract: dict[str, Any]) -> list[str]:
    schemas = [node for node in nodes(contract) if "type" in node and "in" not in node]
    return sorted({word for schema in schemas for word in BOUNDS.keys() & schema.keys()})


def moments_without_a_format(contract: dict[str, Any]) -> list[str]:
    return [
        f"{schema}.{field}"
        for schema, field, found in properties(contract)
        if (field.endswith("_at") or field in {"timestamp", "as_of"}) and found.get("format") != "date-time"
    ]


def closed_values_without_a_list(contract: dict[str, Any]) -> list[str]:
    return [
        f"{schema}.{field}"
        for schema, field, found in properties(contract)
        if field in CLOSED and not {"enum", "const", "$ref"} & found.keys()
    ]


def statuses_without_a_content_type(contract: dict[str, Any]) -> list[str]:
    problems = []
    for call, operation in operations(contract):
        for status, found in operation["responses"].items():
            response = _at(contract, found["$ref"]) if "$ref" in found else found
            if not re.fullmatch(r"[2345]\d\d", status) or (status != "304" and not response.get("content")):
                problems.append(f"{call}: {status}")
    return problems


RULES = [
    names_that_no_client_can_have,
    references_that_lead_nowhere,
    words_that_are_pydantics,
    moments_without_a_format,
    closed_values_without_a_list,
    statuses_without_a_content_type,
]
HEALTH = ("paths", "/health", "get")
PLANTED: list[tuple[Any, tuple[str, ...], Any, str]] = [
    (names_that_no_client_can_have, (*HEALTH, "operationId"), "scoreTransactions", "scoreTransactions"),
    (names_that_no_client_can_have, (*HEALTH, "operationId"), "get_jobs_{job_id}", "get_jobs_{job_id}"),
    (names_that_no_client_can_have, (*HEALTH, "operationId"), "import", "import"),
    (references_that_lead_nowhere, (*HEALTH, "responses", "400", "$ref"), "#/components/responses/Gone", "Gone"),
    (words_that_are_pydantics, ("components", "schemas", "Problem", "properties", "status", "ge"), 1, "ge"),
    (moments_without_a_format, ("components", "schemas", "Problem", "properties", "seen_at"), {}, "Problem.seen_at"),
    (closed_values_without_a_list, ("components", "schemas", "Entry", "properties", "decision"), {}, "Entry.decision"),
    (statuses_without_a_content_type, (*HEALTH, "responses", "default"), {"content": {"a/b": {}}}, "default"),
    (statuses_without_a_content_type, (*HEALTH, "responses", "418"), {"description": "a teapot"}, "418"),
]


@pytest.mark.parametrize("rule", RULES)
def test_the_contract_keeps_to(rule: Any) -> None:
    assert rule(CONTRACT) == []


@pytest.mark.parametrize(("rule", "place", "value", "named"), PLANTED)
def test_a_planted_breach_is_named(rule: Any, place: tuple[str, ...], value: Any, named: str) -> None:
    broken = deepcopy(CONTRACT)
    node: Any = broken
    for step in place[:-1]:
        node = node[step]
    node[place[-1]] = value
    [found] = rule(broken)
    assert named in found


def test_the_contract_is_valid_openapi() -> None:
    validate(CONTRACT)


def test_the_committed_contract_is_the_one_the_code_makes() -> None:
    assert document.DOCUMENT.read_text(encoding="utf-8") == document.text()


def test_every_operation_has_a_name_and_an_example_and_nothing_else_has() -> None:
    assert OPERATIONS.keys() == {call for call, _ in operations(CONTRACT)}


def test_an_operation_without_a_name_is_refused() -> None:
    with pytest.raises(ValueError, match="PATCH /health has no name"):
        document._known("PATCH /health")


@pytest.mark.parametrize("call", OPERATIONS)
def test_an_example_is_what_its_schema_says(call: str) -> None:
    operation = dict(operations(CONTRACT))[call]
    body = operation.get("requestBody", {}).get("content", {}).values()
    for shown in [*body, *operation.get("parameters", [])]:
        if "example" in shown:
            schema = shown["schema"] | {"components": CONTRACT["components"]}
            OAS31Validator(schema, format_checker=oas31_format_checker).validate(shown["example"])


def test_what_a_scope_is_asked_for_says_which_and_can_be_refused() -> None:
    scopes = {call: operation.get("security") for call, operation in operations(CONTRACT)}
    assert scopes["POST /api/v1/score"] == [{"ApiKey": ["score"]}]
    assert scopes["DELETE /api/v1/database/accounts/{account}"] == [{"ApiKey": ["admin"]}]
    assert scopes["GET /health"] == []
    keyed = {call for call, operation in operations(CONTRACT) if "403" in operation["responses"]}
    assert keyed == scopes.keys() - {"GET /health"}


@pytest.mark.parametrize(
    ("call", "statuses"),
    [
        ("POST /api/v1/score", {200, 400, 403, 404, 409, 413, 415, 422, 503}),
        ("GET /api/v1/database/statistics", {200, 400, 403, 503}),
        ("GET /api/v1/database/transactions/{transaction_id}", {200, 400, 403, 404, 503}),
        ("GET /api/v1/analytics/fraud-trends", {200, 304, 400, 403, 404, 503}),
        ("PUT /api/v1/model/policy", {200, 400, 403, 404, 409, 413, 415, 422, 503}),
        ("DELETE /api/v1/batch/jobs/{job_id}", {200, 400, 403, 404, 409, 503}),
        ("POST /api/v1/model/explain", {200, 400, 403, 404, 413, 415, 422, 503}),
        ("GET /health", {200, 400, 503}),
    ],
)
def test_statuses_follow_from_what_a_route_takes(call: str, statuses: set[int]) -> None:
    found = {int(status) for status in dict(operations(CONTRACT))[call]["responses"]}
    assert found - {429, 500, 502, 504} == statuses  # which may come anywhere
    assert found <= PROBLEMS.keys() | {200, 201, 202, 304}
