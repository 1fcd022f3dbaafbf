"""docs/your-own-model.md: its commands in their order, with few payments here, and as they stand in the long tests."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from fraudshield.predictor.artifact import load
from tests.conftest import ROOT
from tests.contract.documented_command import commands
from tests.model.card_payments import card_type

PAGE = ROOT / "docs/your-own-model.md"
FEW = "--payments 14000 --fraud-rate 0.05"  # so that few payments have enough frauds


def run_all(folder: Path, size: str) -> str:
    """Runs the page's commands, with files in a folder; returns what they wrote."""
    written = []
    for command in commands(PAGE):
        here = command.replace("--payments 100000", size)
        here = re.sub(r"(?<![/\w])card(\.csv|-model)", lambda found: str(folder / found[0]), here)
        words = shlex.split(here.replace("\\\n", " "), comments=True)
        ended = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, f"{command}: {ended.stderr}"
        written.append(ended.stdout)
    return "".join(written)


def as_promised(folder: Path, said: str) -> None:
    model_folder = folder / "card-model"
    assert {one.name for one in model_folder.iterdir()} == {"model.json", "manifest.json", "report.html", "report.md"}
    model = load(model_folder, event_type=card_type())
    assert f"Model {model.version}: " in said
    assert f"review from risk {float(model.thresholds.review):g}" in said
    assert {"without", "history", "logistic", "ceiling"} <= {*said.split()}
    assert model.metrics["budget"] == "0.5 %"


def test_the_page_goes_from_a_csv_to_a_model_with_a_report(tmp_path: Path) -> None:
    as_promised(tmp_path, run_all(tmp_path, FEW))


@pytest.mark.long
def test_the_page_does_so_as_it_stands(tmp_path: Path) -> None:
    as_promised(tmp_path, run_all(tmp_path, "--payments 100000"))
