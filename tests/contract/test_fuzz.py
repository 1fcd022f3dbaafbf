"""A refusal of what the contract allows is passed over only where every fault in it has its reason."""

from typing import Any

import pytest

from tests.fuzz.explained import is_explained

CURSOR = {"code": "invalid_cursor", "errors": []}
DATES = {"code": "invalid_parameter", "errors": [{"code": "dates_order"}]}
CONFLICTS = {"results": [{"risk": None, "errors": [{"code": "transaction_conflict"}]}]}
LABELS = {"status": "failed", "errors": [{"line": 2, "code": "not_found"}]}


@pytest.mark.parametrize("body", [CURSOR, DATES, CONFLICTS, LABELS])
def test_what_no_schema_can_say_is_passed_over(body: dict[str, Any]) -> None:
    assert is_explained(body)


@pytest.mark.parametrize(
    "body",
    [
        {"code": "malformed", "errors": []},
        {"code": "invalid_parameter", "errors": [{"code": "dates_order"}, {"code": "extra_forbidden"}]},
        {"results": [{"errors": [{"code": "transaction_conflict"}]}, {"errors": [{"code": "missing"}]}]},
        {"results": []},
        [],
        "refused",
    ],
)
def test_any_other_refusal_is_a_finding(body: Any) -> None:
    assert not is_explained(body)
