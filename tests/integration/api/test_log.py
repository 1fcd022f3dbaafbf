"""Nothing about a person reaches logs or metrics, whatever happens."""

from collections.abc import Callable

import pytest

from tests.caller import EXPLAIN, POLICY, SCORE, Caller
from tests.conftest import README_TRANSACTION
from tests.stack import Stack

PLANTED = {
    "nameOrig": "C-canary-origin",
    "nameDest": "C-canary-destination",
    "amount": 61729.95,
    "oldbalanceOrg": 61729.95,
    "newbalanceOrig": 61730.96,
    "oldbalanceDest": 61731.97,
    "newbalanceDest": 61732.98,
}
PERSONAL = README_TRANSACTION | PLANTED | {"type": "TRANSFER"}
CANARIES = sorted({*map(str, PLANTED.values()), "canary"})


def leaks(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary in text]


def use(caller: Caller) -> list[int]:
    """Everything that can happen to a transaction."""
    responses = [
        caller.score(PERSONAL),
        caller.score(PERSONAL, PERSONAL | {"transaction_id": "t2"}),
        caller.score(PERSONAL | {"amount": 1}),
        caller.score(PERSONAL | {"step": -1, "nameOrig": "canary\n"}),
        caller.send("POST", EXPLAIN, {"transaction": PERSONAL}),
        caller.send("POST", EXPLAIN, {"transaction": PERSONAL | {"step": "canary"}}),
        caller.send_text("POST", SCORE, '{"canary": canary'),
        caller.send("PUT", POLICY, {"canary": "canary"}),
    ]
    return [response.status for response in responses]


@pytest.fixture
def caller() -> Caller:
    return Caller(headers={"X-API-Key": "canary-key-value"})


def test_what_is_logged_names_nobody(stack: Stack, caller: Caller, written: Callable[[], str]) -> None:
    assert use(caller) == [200, 200, 409, 422, 200, 422, 400, 422]
    said = written()
    assert "test_123" in said  # or else this listens to nothing
    assert leaks(said) == []


@pytest.mark.parametrize("missing", ["UNPERSISTED_QUEUE_URL", "MODEL_DIR", "TRANSACTIONS_TABLE"])
def test_failures_name_nobody_either(
    stack: Stack, caller: Caller, written: Callable[[], str], told: Callable[..., None], missing: str
) -> None:
    told(**{missing: "nothing-there"})
    use(caller)
    said = written()
    assert "request_id" in said
    assert leaks(said) == []


def test_a_leak_would_be_noticed() -> None:
    assert leaks('{"balance": 61729.95, "name": "C-canary-origin"}') == ["61729.95", "C-canary-origin", "canary"]
