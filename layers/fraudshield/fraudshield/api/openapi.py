"""What a route says of itself for the OpenAPI document: noted as it is declared, read when the document is made."""

from dataclasses import dataclass
from typing import Any

from fastapi.routing import APIRoute

from fraudshield.errors import FraudShieldError, InvalidInput
from fraudshield.text.query import Query

DOCUMENTATION = "documentation"
CSV = ("text/csv", "application/octet-stream")  # as a file is sent by clients that know no better
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Documentation:
    """Types only, so that no schema is built until the document is made.

    `request` is a type of JSON, or `CSV`; with `takes_csv` a body of CSV is taken in its place. The response itself,
    and no problem document, comes under `status` and under those in `also`; with `also_csv` as CSV too. `raises` are
    errors that follow neither from the scope, the body, the parameters nor the path. `sends` are headers that it reads
    beside those that every route does.
    """

    response: type
    request: Any = None
    also: tuple[str, ...] = ()
    query: type[Query] | None = None
    status: str = "200"
    media_type: str = JSON
    raises: tuple[type[FraudShieldError], ...] = ()
    headers: tuple[str, ...] = ()
    revalidated: bool = False
    also_csv: bool = False
    takes_csv: bool = False
    sends: tuple[str, ...] = ()


def documented(
    response: type,
    request: Any = None,
    also: tuple[str, ...] = (),
    query: type[Query] | None = None,
    status: str = "200",
    media_type: str = JSON,
    raises: tuple[type[FraudShieldError], ...] = (),
    headers: tuple[str, ...] = (),
    sends: tuple[str, ...] = (),
) -> dict[str, Any]:
    """The arguments of a route's decorator that carry its documentation."""
    return _carried(Documentation(response, request, also, query, status, media_type, raises, headers, sends=sends))


def documented_as_table(response: type, query: type[Query]) -> dict[str, Any]:
    """As `documented`, of a route whose pages come as CSV too, with a `Link` to the next."""
    return _carried(Documentation(response, query=query, headers=("Link",), also_csv=True))


def documented_with_csv(response: type) -> dict[str, Any]:
    """As `documented`, of a route whose one response comes as CSV too."""
    return _carried(Documentation(response, also_csv=True))


def documented_json_or_csv(response: type, request: type) -> dict[str, Any]:
    """As `documented`, of a route that takes one thing as JSON, or many as CSV."""
    return _carried(Documentation(response, request, ("422",), raises=(InvalidInput,), takes_csv=True))


def revalidated(response: type, query: type[Query], raises: tuple[type[FraudShieldError], ...] = ()) -> dict[str, Any]:
    """As `documented`, of a route that answers `If-None-Match` with 304 where nothing has changed."""
    return _carried(Documentation(response, query=query, raises=raises, headers=("ETag",), revalidated=True))


def declared_query(route: APIRoute) -> type[Query] | None:
    """The parameters that a route knows; None for a page or a mail's link, which are no part of the contract."""
    if not route.include_in_schema:
        return None
    documentation = (route.openapi_extra or {}).get(DOCUMENTATION)
    return (documentation and documentation.query) or Query


def _carried(documentation: Documentation) -> dict[str, Any]:
    return {"openapi_extra": {DOCUMENTATION: documentation}}
