"""The one OpenAPI 3.1 document of the whole API, made from the apps' own routes: `python -m infra.openapi`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from fraudshield import __version__
from fraudshield.api.openapi import DOCUMENTED, QUERIES, QUERY
from fraudshield.api.problem import Problem
from fraudshield.text.query import Query
from functions.analytics import app as analytics
from functions.batch import app as batch
from functions.database import app as database
from functions.gateway import app as gateway
from functions.ingest import app as ingest
from functions.model import app as model
from functions.monitoring import app as monitoring
from functions.notification import app as notification

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "functions/gateway/openapi.json"  # the gateway serves it
REF = "#/components/schemas/{model}"

# Where API Gateway hangs each app's routes; a path in the second column replaces the prefixed one.
MOUNTED: tuple[tuple[FastAPI, str, dict[str, str]], ...] = (
    (gateway.app, "", {}),
    (model.app, "/api/v1/model", {"/score": "/api/v1/score"}),
    (analytics.app, "/api/v1/analytics", {}),
    (database.app, "/api/v1/database", {}),
    (ingest.app, "/api/v1/ingest", {}),
    (batch.app, "/api/v1/batch", {}),
    (monitoring.app, "/api/v1/monitoring", {}),
    (notification.app, "/api/v1/notifications", {}),
)
FRAMEWORKS_OWN = "HTTPValidationError"  # which FastAPI adds where a path has a name in it, and which never comes
KEYLESS = frozenset({"/health"})


def document() -> dict[str, Any]:
    """OpenAPI 3.1, with every schema that a route names."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "FraudShield",
            "version": __version__,
            "description": "Fraud detection in your own AWS account. Every error is a problem document (RFC 9457).",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "http://127.0.0.1:8000", "description": "The laptop cloud"}],
        "security": [{"ApiKey": []}],
        "paths": dict(sorted(_paths())),
        "components": {
            "securitySchemes": {"ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"}},
            "schemas": dict(sorted(_schemas().items())),
        },
    }


def text() -> str:
    """The document as it is committed."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def _paths() -> Iterator[tuple[str, Any]]:
    for app, prefix, moved in MOUNTED:
        for path, operations in app.openapi()["paths"].items():
            where = moved.get(path, prefix + path)
            for method, operation in operations.items():
                operation["operationId"] = f"{method}{where.removeprefix('/api/v1').replace('/', '_')}"
                operation["tags"] = [app.title.removeprefix("FraudShield ")]
                if FRAMEWORKS_OWN in str(operation["responses"].get("422")):
                    del operation["responses"]["422"]
                if name := operation.pop(QUERY, None):
                    operation.setdefault("parameters", []).extend(_parameters(QUERIES[name]))
                if where in KEYLESS:
                    operation["security"] = []
            yield where, operations


def _parameters(query: type[Query]) -> Iterator[dict[str, Any]]:
    schema = query.model_json_schema(ref_template=REF)
    for name, property_ in schema["properties"].items():
        shown = {key: value for key, value in property_.items() if key != "title"}
        yield {"name": name, "in": "query", "required": name in schema.get("required", ()), "schema": shown}


def _schemas() -> dict[str, Any]:
    schemas: dict[str, Any] = {}
    for query in QUERIES.values():
        join(schemas, query.model_json_schema(ref_template=REF).get("$defs", {}))
    for kind in (Problem, *DOCUMENTED):
        if issubclass(kind, BaseModel):
            mode: JsonSchemaMode = "validation"
            _, made = models_json_schema([(kind, mode)], ref_template=REF)
            join(schemas, made["$defs"])
        else:
            made = TypeAdapter(kind).json_schema(ref_template=REF)
            join(schemas, made.pop("$defs", {}) | {kind.__name__: made})
    return schemas


def join(schemas: dict[str, Any], more: dict[str, Any]) -> None:
    """Every service's schemas stand side by side. Raises ValueError where two of them have one name."""
    for name, schema in more.items():
        if schemas.setdefault(name, schema) != schema:
            raise ValueError(f"Two different schemas are called {name}: rename one")


if __name__ == "__main__":
    DOCUMENT.write_text(text(), encoding="utf-8")
    print(f"{DOCUMENT.relative_to(ROOT)}: {len(document()['paths'])} paths")  # noqa: T201 what the command says
