"""What a response may be is read from the contract, by its operation, its status and its media type."""

import pytest

from tests.api.documented import undocumented

PROBLEM = "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path", "status", "media_type"),
    [
        ("POST", "/api/v1/score", 200, "application/json"),
        ("POST", "/api/v1/score", 413, PROBLEM),
        ("GET", "/api/v1/ingest/export", 200, "text/csv; charset=utf-8"),
        ("GET", "/api/v1/analytics/fraud-trends", 304, ""),
        ("GET", "/api/v1/database/transactions/t-1/label", 404, PROBLEM),
        ("GET", "/api/v1/notifications/confirm", 418, "text/html"),  # no operation of the contract
        ("PATCH", "/api/v1/score", 405, PROBLEM),
    ],
)
def test_a_documented_response_is_known(method: str, path: str, status: int, media_type: str) -> None:
    assert undocumented(method, path, status, media_type) == ""


@pytest.mark.parametrize(
    ("path", "status", "media_type", "named"),
    [
        ("/api/v1/score", 201, "application/json", "201"),
        ("/api/v1/score", 409, PROBLEM, "409 in application/problem+json"),
        ("/api/v1/score", 413, "application/json", "413 in application/json"),
        ("/api/v1/score", 200, "", "200 in no type"),
    ],
)
def test_an_undocumented_one_is_named(path: str, status: int, media_type: str, named: str) -> None:
    assert named in undocumented("POST", path, status, media_type)
