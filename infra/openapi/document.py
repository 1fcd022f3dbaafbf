"""The document: every route of every app with what it takes and responds with."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from fraudshield import __version__
from fraudshield.api.health import HealthResponse, UnhealthyResponse
from fraudshield.api.openapi import CSV, DOCUMENTATION, JSON, Documentation
from fraudshield.api.problem import Problem
from fraudshield.api.request import scope_of
from functions.analytics import app as analytics
from functions.batch import app as batch
from functions.database import app as database
from functions.gateway import app as gateway
from functions.ingest import app as ingest
from functions.model import app as model
from functions.monitoring import app as monitoring
from functions.notification import app as notification
from functions.policy import app as policy
from infra.openapi import parameter, status
from infra.openapi.named_operation import Operation
from infra.openapi.operation import OPERATIONS
from infra.openapi.schema import join, reference, schemas

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "functions/gateway/openapi.json"  # the gateway serves it
SERVER = "http://127.0.0.1:8000"

MODELS = (
    "/model/versions",
    "/model/versions/{model_version}/report",
    "/model/versions/{model_version}/activate",
    "/model/versions/{model_version}/challenge",
    "/model/versions/{model_version}/shadow",
    "/model/comparisons",
    "/model/comparisons/{comparison_id}",
    "/model/rollback",
    "/model/thresholds/propose",
)
# Where API Gateway hangs each app's routes; a path in the second column replaces the prefixed one.
MOUNTED: tuple[tuple[FastAPI, str, dict[str, str]], ...] = (
    (gateway.app, "", {}),
    (model.app, "/api/v1/model", {"/score": "/api/v1/score"}),
    (analytics.app, "/api/v1/analytics", {}),
    (database.app, "/api/v1/database", {}),
    (ingest.app, "/api/v1/ingest", {}),
    (batch.app, "/api/v1/batch", {}),
    (monitoring.app, "/api/v1/monitoring", {}),
    (
        policy.app,
        "/api/v1/policy",
        {path: f"/api/v1{path}" for path in MODELS},
    ),
    (notification.app, "/api/v1/notifications", {}),
)
TEXT = {"schema": {"type": "string"}}
BINARY = {"schema": {"type": "string", "format": "binary"}}
KEYLESS = frozenset({"/health"})


def document() -> dict[str, Any]:
    """OpenAPI 3.1, with every schema that a route names."""
    paths: dict[str, dict[str, Any]] = {}
    for path, method, app, route in sorted(_routes(), key=lambda found: found[:2]):
        paths.setdefault(path, {})[method] = _operation(path, method, app, route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "FraudShield",
            "version": __version__,
            "description": "Fraud detection in your own AWS account. Every error is a problem document (RFC 9457).",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": SERVER, "description": "The laptop cloud"}],
        "security": [{"ApiKey": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"}},
            "responses": status.components(),
            "schemas": dict(sorted(_schemas().items())),
        },
    }


def text() -> str:
    """The document as it is committed."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def _routes() -> Iterator[tuple[str, str, FastAPI, APIRoute]]:
    """Path and method as a client has them, the app and the route; what is no part of the contract is left out."""
    for app, prefix, moved in MOUNTED:
        for route in app.routes:
            if isinstance(route, APIRoute) and route.include_in_schema:
                for method in route.methods:
                    path = moved.get(route.path_format, prefix + route.path_format)
                    yield path, method.lower(), app, route


def _operation(path: str, method: str, app: FastAPI, route: APIRoute) -> dict[str, Any]:
    told = _documentation(route)
    known = _known(f"{method.upper()} {path}")
    made: dict[str, Any] = {
        "operationId": known.id,
        "tags": [app.title.removeprefix("FraudShield ")],
        "summary": route.description.partition("\n")[0].removesuffix("."),
        "description": route.description,
    }
    if found := [
        *parameter.in_path(path, known),
        *parameter.in_query(told.query, known),
        *parameter.in_header(told.sends, known),
    ]:
        made["parameters"] = found
    if told.request is not None:
        made["requestBody"] = _body(told, known)
    made["responses"] = status.responses(path, told, scope_of(route.dependencies), keyless=path in KEYLESS)
    if path in KEYLESS:
        made["security"] = []
    elif scope := scope_of(route.dependencies):
        made["security"] = [{"ApiKey": [scope]}]
    made["x-codeSamples"] = [
        {"lang": "curl", "source": known.curl(SERVER, method.upper(), path, keyless=path in KEYLESS)}
    ]
    return made


def _known(call: str) -> Operation:
    try:
        return OPERATIONS[call]
    except KeyError as exc:
        raise ValueError(f"{call} has no name and no example: give it both in infra/openapi/operation.py") from exc


def _documentation(route: APIRoute) -> Documentation:
    found: Documentation = (route.openapi_extra or {})[DOCUMENTATION]
    return found


def _body(told: Documentation, known: Operation) -> dict[str, Any]:
    if told.request == CSV:
        return {"required": True, "content": {CSV[0]: TEXT | {"example": known.body}, CSV[1]: BINARY}}
    json_content = {JSON: {"schema": reference(told.request), "example": known.body}}
    return {"required": True, "content": json_content | ({CSV[0]: TEXT} if told.takes_csv else {})}


def _schemas() -> dict[str, Any]:
    found: dict[str, Any] = {}
    every: list[type] = [Problem, HealthResponse, UnhealthyResponse]
    for _, _, _, route in _routes():
        told = _documentation(route)
        every += [kind for kind in (told.response, told.request) if isinstance(kind, type)]
        join(found, parameter.definitions(told.query))
    for kind in every:
        join(found, schemas(kind))
    return found
