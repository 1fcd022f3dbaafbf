"""The contract's examples are sent as they stand, in order; each succeeds, as the contract says that it may."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator, oas31_format_checker

from fraudshield.event_type.in_force import BreakerState
from fraudshield.monitoring import wiring as monitoring_wiring
from fraudshield.monitoring.alarm import AlarmChange
from infra.cli.models.client import TypesOfApi, publish
from infra.openapi import document
from infra.openapi.named_operation import Operation
from infra.openapi.operation import OPERATIONS
from tests.api.whole_api import handler_of
from tests.caller import SCORE, ApiResponse, Caller
from tests.conftest import README_TRANSACTION
from tests.policies.breakers import put_breaker
from tests.stack import ROOT, Stack, client

TYPES = "/api/v1/policy/event-types"
POLICY, CLOSES = "/api/v1/model/policy", "/api/v1/policy/breaker/close"
# It takes a thousand payments, which tests/integration/backtest/test_proposal.py has.
REFUSED = {"POST /api/v1/model/thresholds/propose": "degenerate_thresholds"}
CONTRACT = json.loads(document.DOCUMENT.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def responses(lasting_files: Stack, tmp_path_factory: pytest.TempPathFactory) -> dict[str, ApiResponse]:
    """By operation the response to its example."""
    _publish(lasting_files, tmp_path_factory.mktemp("model"))
    alarm = AlarmChange("Degraded", "critical", open=True, at=datetime.now(UTC), detail="a test")
    monitoring_wiring.monitoring_store().change(alarm)
    _of_a_type_with_a_later_fact()
    return dict(_sent())


def _publish(stack: Stack, folder: Path) -> None:
    """The model that examples name: the shipped one, with a report."""
    shutil.copytree(ROOT / "model/artifact/model", folder, dirs_exist_ok=True)
    (folder / "report.html").write_text("<!doctype html><title>Report</title>")
    publish(client("s3"), stack.bucket, folder, "payment", TypesOfApi(lambda: ("", "")))


def _of_a_type_with_a_later_fact() -> None:
    """The payment that an example tells a fact of."""
    fields = {"declined_by_issuer": {"kind": "boolean", "later": True}}
    document = {"name": "issued_payment", "extends": "payment", "fields": fields}
    assert Caller(handler=handler_of(TYPES)).send("POST", TYPES, document).status == 201
    payment = {**README_TRANSACTION, "transaction_id": "web_1"}
    sent = {"event_type": "issued_payment", "transactions": [payment]}
    assert Caller().send("POST", SCORE, sent).status == 200


def _sent() -> Iterator[tuple[str, ApiResponse]]:
    made: dict[str, str] = {}
    for call, operation in OPERATIONS.items():
        method, path = call.split(" ")
        if path == CLOSES:
            version = Caller(handler=handler_of(POLICY)).send("GET", POLICY).json["version"]
            put_breaker(BreakerState(version=version, whole=True))
        response = _send(method, path, operation, made)
        made |= {name: _at(response.json, pointer) for name, pointer in operation.makes.items()}
        yield call, response


def _send(method: str, path: str, operation: Operation, made: dict[str, str]) -> ApiResponse:
    """The example; what its path names is what an earlier one made."""
    target = Operation(operation.id, query=operation.query, path={**operation.path, **made}).target(path)
    media_type, body = operation.content or ("application/json", None)
    headers = {name: made.get(name, value) for name, value in operation.headers.items()}
    caller = Caller(headers={"Content-Type": media_type, **headers}, handler=handler_of(path))
    return caller.send_text(method, target, body)


def _at(found: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        found = found[int(step)] if isinstance(found, list) else found[step]
    return found


@pytest.mark.parametrize("call", OPERATIONS)
def test_an_example_succeeds_and_its_response_is_what_its_schema_says(
    responses: dict[str, ApiResponse], call: str
) -> None:
    method, path = call.split(" ")
    response = responses[call]
    if call in REFUSED:
        assert (response.status, response.json["code"]) == (422, REFUSED[call])
        return
    assert response.status in {200, 201, 202}, response.text
    content = CONTRACT["paths"][path][method.lower()]["responses"][str(response.status)]["content"]
    media_type = response.headers["content-type"].partition(";")[0]
    schema = content[media_type]["schema"] | {"components": CONTRACT["components"]}
    body = response.json if media_type == "application/json" else response.text
    OAS31Validator(schema, format_checker=oas31_format_checker).validate(body)
