"""JSON Schemas of what crosses the wire: pydantic's, with the words of JSON Schema where pydantic keeps its own."""

from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import models_json_schema

TEMPLATE = "#/components/schemas/{model}"
# Pydantic writes a bound under its own name where the value is read by a function of ours first.
BOUNDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
EARLIEST = {"1970-01-01T00:00:00Z": r"^(19[7-9]|[2-9]\d\d)\d-"}  # as a pattern: JSON Schema knows no least time


def reference(kind: type) -> dict[str, Any]:
    """Where the document has the schema of a type, or the schema itself where the type has no name of its own."""
    return {"type": "string"} if kind is str else {"$ref": TEMPLATE.format(model=kind.__name__)}


def schemas(kind: type) -> dict[str, Any]:
    """The schema of a type and of all that it refers to, by name."""
    if kind is str:
        return {}
    if issubclass(kind, BaseModel):
        _, made = models_json_schema([(kind, "validation")], ref_template=TEMPLATE)
        found: dict[str, Any] = made["$defs"]
    else:
        made = TypeAdapter(kind).json_schema(ref_template=TEMPLATE)
        found = made.pop("$defs", {}) | {kind.__name__: made}
    return {name: plain(schema) for name, schema in found.items()}


def plain(schema: Any) -> Any:
    """The schema in JSON Schema's own words."""
    if isinstance(schema, list):
        return [plain(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found: dict[str, Any] = {}
    for name, value in schema.items():
        if name == "default" and value is None and "anyOf" not in schema:
            continue  # stands for a field that was left out, and cannot be sent
        if name in BOUNDS and value in EARLIEST:
            found["pattern"] = EARLIEST[value]
        elif name in BOUNDS:
            found[BOUNDS[name]] = value
        else:
            found[name] = plain(value)
    return found


def join(known: dict[str, Any], more: dict[str, Any]) -> None:
    """Every service's schemas stand side by side. Raises ValueError where two of them have one name."""
    for name, schema in more.items():
        if known.setdefault(name, schema) != schema:
            raise ValueError(f"Two different schemas are called {name}: rename one")
