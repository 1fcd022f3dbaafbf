"""The operations of a policy's versions; the examples go on where that of `PUT /api/v1/model/policy` made version 2."""

from collections.abc import Mapping
from typing import Any

from infra.openapi.named_operation import Operation

RULE: dict[str, Any] = {
    "code": "large_transfer",
    "outcome": "review",
    "when": 'type == "TRANSFER" && amount > 100000',
    "text": "A large transfer",
}
CONTENT: dict[str, Any] = {"thresholds": {"review": 0.0279, "block": 0.3923}, "rules": [RULE], "note": "large ones"}
DIGEST = "442a65adfaf506500e809e835b60fe4e9d9c9e344cb939cc8d7e44359a502f5c"  # of the draft
CHANGED = CONTENT | {"rules": [RULE | {"outcome": "block"}], "based_on_digest": DIGEST}
DRAFT, IN_FORCE = {"version": "3"}, {"version": "2"}
PUBLISHED = {"model_version": "2026.12.1"}
COMPARED = {"challenger": "2026.12.1", "from": "2026-11-01T00:00:00Z", "to": "2026-11-28T00:00:00Z"}
COMPARISON = {"comparison_id": "backtest-0123456789abcdef0123456789abcdef"}
AGREED = {"note": "agreed", "force": True}
TRIED = {"when": "amount > 1000 && origin_count_1h > 3"}

POLICY_OPERATIONS: Mapping[str, Operation] = {
    "POST /api/v1/policy/check": Operation("checkExpression", TRIED),
    "POST /api/v1/policy/versions": Operation("draftVersion", {"based_on": 2, **CONTENT}),
    "PUT /api/v1/policy/versions/{version}": Operation("changeDraft", CHANGED, path=DRAFT),
    "GET /api/v1/policy/versions/{version}/shadow": Operation("getShadow", path=DRAFT),
    "GET /api/v1/policy/versions": Operation("listVersions", query={"limit": 10}),
    "GET /api/v1/policy/versions/{version}": Operation("getVersion", path=DRAFT),
    "GET /api/v1/policy/versions/{version}/difference": Operation("compareVersions", query={"to": 3}, path=IN_FORCE),
    "DELETE /api/v1/policy/versions/{version}": Operation("removeDraft", path=DRAFT),
    "POST /api/v1/policy/versions/{version}/activate": Operation("activateVersion", AGREED, path=IN_FORCE),
    "GET /api/v1/policy/breaker": Operation("getBreaker"),
    "POST /api/v1/policy/breaker/close": Operation("closeBreaker", {"note": "the rule is right"}),
    "POST /api/v1/policy/rollback": Operation("rollBack", {"note": "too many reviews"}),
    "GET /api/v1/model/versions": Operation("listModels"),
    "GET /api/v1/model/versions/{model_version}/report": Operation("getModelReport", path=PUBLISHED),
    "POST /api/v1/model/versions/{model_version}/challenge": Operation("challengeModel", path=PUBLISHED),
    "GET /api/v1/model/versions/{model_version}/shadow": Operation("getChallengerShadow", path=PUBLISHED),
    "POST /api/v1/model/comparisons": Operation("compareModels", COMPARED, makes={"comparison_id": "/comparison_id"}),
    "GET /api/v1/model/comparisons/{comparison_id}": Operation("getComparison", path=COMPARISON),
    "POST /api/v1/model/versions/{model_version}/activate": Operation("activateModel", AGREED, path=PUBLISHED),
    "POST /api/v1/model/rollback": Operation("rollBackModel", {"note": "it finds less"}),
    "POST /api/v1/model/thresholds/propose": Operation(
        "proposeThresholds", {"from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z", "budget": "0.5%"}
    ),
}
