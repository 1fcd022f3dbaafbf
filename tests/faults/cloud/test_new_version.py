"""A version of an event type that is put and sent in the same second: eight warm processes know it, and refuse none."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.laptop.template import Template
from tests.caller import SCORE, frame_event
from tests.conftest import README_TRANSACTION
from tests.event_types import WITH_DEVICE
from tests.faults.harness.works import Works, works

MODEL, POLICY = "ModelFunction", "PolicyFunction"
PROCESSES, ROUNDS = 8, 5
NEWER = {**WITH_DEVICE, "fields": {**WITH_DEVICE["fields"], "channel": {"kind": "text"}}}


def test_a_version_that_was_put_this_second_is_refused_by_none_of_eight_warm_processes(
    tmp_path: Path, sqlite_engine: Path
) -> None:
    asyncio.run(put_and_sent(tmp_path, sqlite_engine))


async def put_and_sent(home: Path, engine: Path) -> None:
    async with works(home, engine, {MODEL: None, POLICY: None}, eight_at_once, "new-version") as system:
        assert (await put(system, WITH_DEVICE))["version"] == 1
        before = await asyncio.gather(*(score(system, f"before-{n}", device_id="d-1") for n in range(PROCESSES)))
        assert {entry["event_type_version"] for entry in before} == {1}
        assert len(system.killer.runtimes[MODEL].pids) == PROCESSES
        assert (await put(system, NEWER))["version"] == 2
        for sent in range(ROUNDS):
            ids = [f"after-{sent}-{n}" for n in range(PROCESSES)]
            after = await asyncio.gather(*(score(system, name, device_id="d-1", channel="web") for name in ids))
            assert [(entry.get("error"), entry.get("event_type_version")) for entry in after] == [(None, 2)] * PROCESSES


def eight_at_once(changed: Template) -> None:
    """Lets so many processes of the scoring function stand side by side, whatever cores there are."""
    changed["Resources"][MODEL]["Properties"]["ReservedConcurrentExecutions"] = PROCESSES


async def put(system: Works, document: Mapping[str, Any]) -> Any:
    """The next version of an event type."""
    return await invoked(system, POLICY, "AdminKey", "/api/v1/policy/event-types", document, 201)


async def score(system: Works, transaction_id: str, **fields: str) -> dict[str, Any]:
    """The entry of a payment with fields of its own."""
    sent = {**README_TRANSACTION, "transaction_id": transaction_id, **fields}
    body = {"event_type": WITH_DEVICE["name"], "transactions": [sent]}
    [entry] = (await invoked(system, MODEL, "ScoreKey", SCORE, body, 200))["results"]
    found: dict[str, Any] = entry
    return found


async def invoked(system: Works, function: str, key: str, path: str, body: Mapping[str, Any], status: int) -> Any:
    """The body of the function's response to a POST."""
    event = frame_event("POST", path, json.dumps(body), key)
    response = json.loads((await system.killer.invoke(function, json.dumps(event).encode())).body)
    assert response["statusCode"] == status, response["body"]
    return json.loads(response["body"])
