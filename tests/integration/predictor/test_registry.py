"""Models over HTTP: published into the bucket, put in force with a policy in one write, followed, and taken back."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from fraudshield.batch import task_wiring as batch_task_wiring
from fraudshield.errors import InvalidInput, ModelRefused
from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.event_type.payment import BUILT_IN
from fraudshield.policy import wiring as policy_wiring
from fraudshield.predictor import wiring as predictor_wiring
from fraudshield.predictor.published import PublishedModel
from fraudshield.scoring import wiring as scoring_wiring
from functions.policy import app as policy
from infra.cli.models.client import TypesOfApi, publish
from tests.caller import INFO, SCORE, Caller
from tests.conftest import README_TRANSACTION
from tests.stack import ROOT, Stack, client

SHIPPED = ROOT / "model/artifact/model"
MODELS, ROLLBACK, AUDIT = "/api/v1/model/versions", "/api/v1/model/rollback", "/api/v1/policy/audit?kind=model"
BUILT_IN_ONLY = TypesOfApi(lambda: ("", ""))
DRAFT: dict[str, Any] = {"based_on": 1, "thresholds": {"review": 0.03, "block": 0.4}}
NOTE = {"note": "trained on November"}


def folder(at: Path, version: str, report: str = "") -> Path:
    """The shipped model under another version."""
    shutil.copytree(SHIPPED, at)
    manifest = at / "manifest.json"
    before, own, end = manifest.read_text().rpartition(f'"{predictor_wiring.released().facts.model_version}"')
    assert own
    manifest.write_text(f'{before}"{version}"{end}')
    if report:
        (at / "report.html").write_text(report)
    return at


def anew() -> None:
    """Another process."""
    for remembered in (predictor_wiring.active_models, policy_wiring.policies, scoring_wiring.connected):
        remembered.cache_clear()


def model_of_jobs() -> str | None:
    found = batch_task_wiring.model_of(BUILT_IN)
    return found.version if found else None


def scored() -> tuple[str, int, list[str]]:
    anew()
    response = Caller().send("POST", SCORE, {"transactions": [README_TRANSACTION], "store": False}).json
    [entry] = response["results"]
    assert response["model_version"] == entry["model_version"] == Caller().send("GET", INFO).json["model_version"]
    return entry["model_version"], entry["policy_version"], entry["degraded"]


def test_a_model_is_published_put_in_force_with_its_policy_and_taken_back(lasting_files: Stack, tmp_path: Path) -> None:
    s3, bucket, admin = client("s3"), lasting_files.bucket, Caller(handler=policy.lambda_handler)
    own, _, _ = scored()
    made = publish(s3, bucket, folder(tmp_path / "a", "2027.1", "<h1>Report</h1>"), "payment", BUILT_IN_ONLY)
    publish(s3, bucket, folder(tmp_path / "b", "2027.2"), "payment", BUILT_IN_ONLY)
    assert publish(s3, bucket, tmp_path / "a", "payment", BUILT_IN_ONLY) == made  # again, the same
    (tmp_path / "a/manifest.json").write_text((tmp_path / "a/manifest.json").read_text() + " ")
    with pytest.raises(InvalidInput, match=r"2027\.1"):
        publish(s3, bucket, tmp_path / "a", "payment", BUILT_IN_ONLY)

    listed = admin.send("GET", MODELS).json
    assert [(one["version"], one["state"], one["has_report"]) for one in listed["versions"]] == [
        ("2027.2", "published", False),
        ("2027.1", "published", True),
    ]
    assert listed["champion"] == {"event_type": "payment", "version": None, "sha256": None, "policy_version": 1}
    assert listed["versions"][1]["sha256"] == made.sha256
    report = admin.send("GET", f"{MODELS}/2027.1/report")
    assert (report.status, report.text) == (200, "<h1>Report</h1>")
    assert report.headers["content-security-policy"].startswith("default-src 'none'")
    assert admin.send("GET", f"{MODELS}/2027.2/report").status == 404

    assert admin.send("POST", "/api/v1/policy/versions", DRAFT).status == 201
    untested = admin.send("POST", f"{MODELS}/2027.1/activate", NOTE | {"policy_version": 2})
    assert (untested.status, untested.json["code"], scored()) == (409, "not_compared", (own, 1, []))
    with_policy = {"policy_version": 2, "force": True}
    activated = admin.send("POST", f"{MODELS}/2027.1/activate", NOTE | with_policy)
    assert (activated.status, activated.json["version"], activated.json["policy_version"]) == (200, "2027.1", 2)
    in_force = event_type_wiring.in_force(2.0)
    assert (in_force.models["payment"].sha256, in_force.policies["payment"].version) == (made.sha256, 2)
    revision = in_force.revision
    assert scored() == ("2027.1", 2, [])
    assert model_of_jobs() == "2027.1"  # by which new jobs begin
    assert batch_task_wiring._model_of("payment", own, "")[0].facts.model_version == own  # and an older one goes on

    assert admin.send("POST", f"{MODELS}/2027.2/activate", NOTE | {"force": True}).status == 200
    assert (scored(), event_type_wiring.in_force(2.0).revision) == (("2027.2", 2, []), revision + 1)
    states = {one["version"]: one["state"] for one in admin.send("GET", MODELS).json["versions"]}
    assert states == {"2027.1": "retired", "2027.2": "champion"}
    assert admin.send("POST", ROLLBACK, {}).json["version"] == "2027.1"
    assert scored() == ("2027.1", 2, [])
    assert admin.send("POST", ROLLBACK, {"note": "finds less"}).json["policy_version"] == 1
    assert scored() == (own, 1, [])
    assert admin.send("POST", ROLLBACK, {}).json["code"] == "nothing_before"

    log = [(one["action"], one["subject"]) for one in admin.send("GET", AUDIT).json["entries"]]
    assert log == [
        ("rolled_back", "payment as released"),
        ("rolled_back", "payment 2027.1"),
        ("activated", "payment 2027.2"),
        ("activated", "payment 2027.1"),
    ]
    policies = admin.send("GET", "/api/v1/policy/audit?kind=policy").json["entries"]
    assert [one["action"] for one in policies] == ["rolled_back", "activated", "created"]

    damaged = PublishedModel("payment", "2027.2", admin.send("GET", MODELS).json["versions"][0]["sha256"])
    s3.put_object(Bucket=bucket, Key=damaged.key("model.json"), Body=(SHIPPED / "model.json").read_bytes() + b" ")
    refused = admin.send("POST", f"{MODELS}/2027.2/activate", NOTE)
    assert (refused.status, refused.json["code"], scored()) == (409, "model_unfit", (own, 1, []))
    assert admin.send("POST", f"{MODELS}/2030.1/activate", NOTE).status == 404
    (tmp_path / "b/model.json").write_text("{")
    with pytest.raises(ModelRefused):
        publish(s3, bucket, tmp_path / "b", "payment", BUILT_IN_ONLY)
