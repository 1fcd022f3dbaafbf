"""With something missing the function says so and goes on, or says that it cannot."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from fraudshield.predictor.predictor import RULES_VERSION
from tests.caller import EXPLAIN, HEALTH, INFO, POLICY, SCORE, Caller
from tests.conftest import README_TRANSACTION, ROOT
from tests.stack import Stack

DRAIN = README_TRANSACTION | {"type": "TRANSFER", "amount": 5000.0, "newbalanceOrig": 0.0}
Damage = Callable[[Path], object]


def manifest_for(change: dict[str, object]) -> Damage:
    def damage(folder: Path) -> None:
        path = folder / "manifest.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | change))

    return damage


DAMAGES: dict[str, Damage] = {
    "no folder": shutil.rmtree,
    "no model": lambda folder: (folder / "model.json").unlink(),
    "no manifest": lambda folder: (folder / "manifest.json").unlink(),
    "a model cut off": lambda folder: (folder / "model.json").write_bytes((folder / "model.json").read_bytes()[:-1]),
    "an empty manifest": lambda folder: (folder / "manifest.json").write_text(""),
    "a feature of what there is not": manifest_for({"features": [{"name": "a", "value": "colour * 2"}]}),
    "another event type": manifest_for({"event_type": {"name": "shop", "version": 1, "digest": "0"}}),
    "another format": manifest_for({"format": 99}),
}


@pytest.fixture(params=DAMAGES)
def damaged(lasting_stack: Stack, request: pytest.FixtureRequest, tmp_path: Path, told: Callable[..., None]) -> None:
    folder = tmp_path / "model"
    shutil.copytree(ROOT / "model/artifact/model", folder)
    DAMAGES[request.param](folder)
    told(MODEL_DIR=str(folder))


def test_without_a_model_the_rules_decide_and_say_so(damaged: None, caller: Caller) -> None:
    response = caller.score(README_TRANSACTION, DRAIN | {"transaction_id": "drain"})
    approved, blocked = response.json["results"]
    assert (approved["decision"], blocked["decision"]) == ("approve", "block")
    assert {entry["decision_source"] for entry in (approved, blocked)} == {"rules"}
    assert {tuple(entry["degraded"]) for entry in (approved, blocked)} == {("model_refused",)}
    assert blocked["reasons"][0]["code"] == "account_emptied"
    assert (response.json["model_version"], blocked["persisted"]) == (RULES_VERSION, True)


def test_without_a_model_the_function_is_degraded_and_tells_no_paths(damaged: None, caller: Caller) -> None:
    told = caller.send("GET", HEALTH)
    assert (told.status, told.json["status"], told.json["degraded"]) == (200, "degraded", ["model_refused"])
    assert "/" not in told.json["model_version"]
    assert caller.send("GET", INFO).json["model_type"] == "rules"


def test_rules_explain_without_a_margin(damaged: None, caller: Caller) -> None:
    told = caller.send("POST", EXPLAIN, {"transaction": DRAIN}).json
    assert (told["base"], told["margin"], told["contributions"]) == (None, None, [])
    assert told["reasons"][0]["code"] == "account_emptied"


def test_another_version_than_the_expected_one_is_refused(lasting_stack: Stack, told: Callable[..., None]) -> None:
    told(MODEL_VERSION="1999.1.1")
    assert Caller().send("GET", HEALTH).json["status"] == "degraded"


@pytest.mark.parametrize("name", ["TRANSACTIONS_TABLE", "POLICIES_TABLE", "UNPERSISTED_QUEUE_URL"])
def test_without_its_settings_the_function_is_unhealthy_and_names_them(
    lasting_stack: Stack, caller: Caller, told: Callable[..., None], name: str
) -> None:
    told(**{name: ""})
    response = caller.send("GET", HEALTH)
    assert (response.status, response.json["status"]) == (503, "unhealthy")
    assert name in response.json["detail"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", SCORE, {"transactions": [README_TRANSACTION]}),
        ("GET", POLICY, None),
        ("GET", INFO, None),
    ],
)
def test_without_its_settings_every_other_route_is_a_503_problem(
    lasting_stack: Stack, caller: Caller, told: Callable[..., None], method: str, path: str, body: object
) -> None:
    told(POLICIES_TABLE="")
    response = caller.send(method, path, body)
    assert (response.status, response.json["code"], response.headers["retry-after"]) == (
        503,
        "configuration_error",
        "5",
    )
