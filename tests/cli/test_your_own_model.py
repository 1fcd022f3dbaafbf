"""docs/your-own-model.md: its commands in their order, with few payments here, and as they stand in the long tests."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from fraudshield.predictor.artifact import load
from tests.conftest import ROOT
from tests.contract.documented_command import commands
from tests.integration.laptop.test_cloud import Up, up
from tests.model.card_payments import card_type

PAGE = ROOT / "docs/your-own-model.md"
FEW = "--payments 14000 --fraud-rate 0.05"  # so that few payments have enough frauds
WITH_THE_API = r"event-type put|fraudshield model (publish|activate|list)|curl "
AT_HOME = r"(fraudshield (?:event-type put|model (?:publish|activate|list))) "
WHOLE = [one for one in commands(PAGE) if "--from-store" not in one]  # tests/cli/test_train_from_store.py
TRAINING = [one for one in WHOLE if not re.search(WITH_THE_API, one)]


def run(said: list[str], folder: Path, size: str, cloud: Up | None = None) -> str:
    """Runs commands of the page one after the other, with files in a folder; returns what they wrote."""
    script = ["set -euo pipefail", "export $(.venv/bin/fraudshield keys --home $STATE)" if cloud else ""]
    for command in said:
        here = command.replace("--payments 100000", size)
        here = re.sub(r"(?<![/\w])card(\.csv|-model)", lambda found: str(folder / found[0]), here)
        if cloud:
            here = here.replace("http://127.0.0.1:8000", cloud.address.gateway).replace(
                "curl ", "curl --fail-with-body "
            )
            here = re.sub(
                r"(fraudshield (?:event-type put|model (?:publish|activate|list))) ", r"\1 --home $STATE ", here
            )
        script.append(here)
    told = {"STATE": str(cloud.state.home), "FRAUDSHIELD_URL": cloud.address.gateway} if cloud else {}
    whole = ["bash", "-c", "\n".join(script)]
    ended = subprocess.run(whole, cwd=ROOT, env=os.environ | told, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, f"{ended.stdout}\n{ended.stderr}"
    return ended.stdout


def as_promised(folder: Path, said: str) -> None:
    model_folder = folder / "card-model"
    assert {one.name for one in model_folder.iterdir()} == {"model.json", "manifest.json", "report.html", "report.md"}
    model = load(model_folder, event_type=card_type())
    assert f"Model {model.version}: " in said
    assert f"review from risk {float(model.thresholds.review):g}" in said
    assert {"without", "history", "logistic", "ceiling"} <= {*said.split()}
    assert model.metrics["budget"] == "0.5 %"


def test_the_page_goes_from_a_csv_to_a_model_with_a_report(tmp_path: Path) -> None:
    assert len(WHOLE) > len(TRAINING) >= 4
    as_promised(tmp_path, run(TRAINING, tmp_path, FEW))


@pytest.mark.long
def test_the_page_goes_on_to_a_payment_that_the_model_scores(tmp_path: Path) -> None:
    with up(tmp_path / "home") as cloud:
        said = run(WHOLE, tmp_path, "--payments 100000", cloud)
    as_promised(tmp_path, said)
    version = load(tmp_path / "card-model", event_type=card_type()).version
    answer = json.loads(said[said.index('{"results"') :])
    [entry] = answer["results"]
    assert f"{version}  champion" in said
    assert (entry["model_version"], entry["decision_source"], entry["degraded"]) == (version, "model", [])
    assert entry["risk"] > 0
    assert entry["aggregates"]["card_payments_24h"] == 0
