"""Which route a request was for, by its template: API Gateway knows most paths only as `{proxy+}`."""

from fastapi import FastAPI
from starlette.routing import Match, Route

from fraudshield.api.segment import ROOT, routable

NO_ROUTE = "-"
HEAD = "HEAD"


def route_of(app: FastAPI, prefix: str, path: str, method: str) -> str:
    """The template of the route below the API's root, such as `/api/v1/batch/jobs/{job_id}`; `-` where there is none.

    `path` is below the prefix, as it was sent.
    """
    scope = {"type": "http", "path": routable(path), "method": "GET" if method == HEAD else method}
    routes = (one for one in app.routes if isinstance(one, Route))
    found = next((one.path_format for one in routes if one.matches(scope)[0] is Match.FULL), None)
    return NO_ROUTE if found is None else f"{prefix.removesuffix(ROOT)}{found}"
