"""What the OpenAPI document says of the routes: noted as they are declared, worked out when the document is made."""

from typing import Any

from fraudshield.text.query import Query

DOCUMENTED: list[type] = []  # every type that a route's documentation refers to
QUERIES: dict[str, type[Query]] = {}  # by name, every set of parameters
QUERY = "x-query"  # stands for the parameters until the document is made
CSV: dict[str, Any] = {"content": {"text/csv": {"schema": {"type": "string"}}}, "required": True}


def documented(
    response: type,
    request: type | dict[str, Any] | None = None,
    also: tuple[str, ...] = (),
    query: type[Query] | None = None,
    status: str = "200",
    media_type: str = "application/json",
) -> dict[str, Any]:
    """What the OpenAPI document says of a route: names only, so that no schema is built until the document is made.

    `request` is a type of JSON, or a request body as it stands in the document; the response itself, and no
    problem document, comes under `status` and under those in `also`.
    """
    DOCUMENTED.extend(kind for kind in (response, request) if isinstance(kind, type))
    responses = {status: _content(media_type, response.__name__, "The response") for status in (status, *also)}
    extra: dict[str, Any] = {"responses": responses}
    extra["responses"]["default"] = _content("application/problem+json", "Problem", "A problem document (RFC 9457)")
    if isinstance(request, dict):
        extra["requestBody"] = request
    elif request is not None:
        extra["requestBody"] = _content("application/json", request.__name__, "JSON") | {"required": True}
    if query is not None:
        QUERIES[query.__name__] = query
        extra[QUERY] = query.__name__
    return {"openapi_extra": extra}


def revalidated(response: type, query: type[Query]) -> dict[str, Any]:
    """As `documented`, of a route that responses `If-None-Match` with 304 where nothing has changed."""
    extra = documented(response, query=query)
    extra["openapi_extra"]["responses"]["304"] = {"description": "As it was when the ETag was given"}
    return extra


def _content(media_type: str, schema: str, description: str) -> dict[str, Any]:
    reference = {"schema": {"$ref": f"#/components/schemas/{schema}"}}
    return {"description": description, "content": {media_type: reference}}
