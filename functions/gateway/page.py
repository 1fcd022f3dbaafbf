"""Gateway: the page for people at the root of the API, and the files that it loads."""

from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request, Response

from fraudshield import __version__
from fraudshield.api.page import WebPage, page
from fraudshield.api.request import lacks_slash, prefers_json
from fraudshield.api.response import file_response, json_response, to_folder
from fraudshield.api.settings import UploadSettings
from fraudshield.aws.client import link_origin
from fraudshield.errors import NotFound
from fraudshield.settings import settings

HERE = Path(__file__).parent
# For programs that ask for JSON; relative, as all of it may stand under a stage or a base path.
ROOT = {
    "name": "FraudShield",
    "version": __version__,
    "links": {
        "contract": "openapi.json",
        "health": "health",
        "status": "services/status",
        "score": "api/v1/score",
        "explain": "api/v1/model/explain",
        "model": "api/v1/model/model/info",
        "policy": "api/v1/model/policy",
    },
}

router = APIRouter(include_in_schema=False)


@router.get("/")
async def root(request: Request) -> Response:
    """The page; for who asks for JSON what there is."""
    if prefers_json(request):
        return json_response(ROOT)
    if (name := lacks_slash(request)) is not None:
        return to_folder(name)
    shown = _page()
    headers = {"Content-Security-Policy": shown.policy, "Cache-Control": "no-cache", "Vary": "Accept"}
    return file_response(request, shown.document, headers)


@router.get("/assets/{digest}/{path:path}")
async def asset(request: Request, digest: str, path: str) -> Response:
    """A file of the page. What has another digest belongs to another release. Raises NotFound."""
    found = _page().files.get(path) if digest == _page().digest else None
    if found is None:
        raise NotFound("The page has no such file; load it anew")
    return file_response(request, found, {"Cache-Control": "public, max-age=31536000, immutable"})


@cache
def _page() -> WebPage:
    return page(HERE / "page", link_origin(settings(UploadSettings).upload_bucket))
