"""The card is what the report's code says of the manifest's figures; making it again is a test of tests/long."""

import json
from xml.etree import ElementTree

import pytest

from model.export import ARTIFACT
from model.training_report.words import MEASURES

FOLDER = ARTIFACT.parent
CARD = (FOLDER / "MODEL_CARD.md").read_text(encoding="utf-8")
MANIFEST = json.loads((ARTIFACT / "model" / "manifest.json").read_text(encoding="utf-8"))
Figures = dict[str, float | None]


def written(found: Figures) -> str:
    return f"{found['value']:.4g} [{found['low']:.4g}, {found['high']:.4g}]"


@pytest.mark.parametrize("measure", MEASURES)
def test_the_card_quotes_the_manifest_with_baselines_the_ceiling_and_intervals(measure: str) -> None:
    scores = MANIFEST["metrics"]["scores"]
    shown = ("model", "logistic_regression", "one_line_rule", "amount_alone", "ceiling")
    assert {*scores} == {*shown}
    cells = [written(scores[name][measure]) if measure in scores[name] else "" for name in shown]
    assert f"| {MEASURES[measure]} | {' | '.join(cells)} |" in CARD


def test_the_card_says_what_carries_over_and_whether_its_risks_can_be_believed() -> None:
    carried = MANIFEST["metrics"]["carried_over"]
    cells = [written(carried["scores"][name]["auprc"]) for name in ("model", "one_line_rule")]
    assert f"| {MEASURES['auprc']} | {' | '.join(cells)} |" in CARD
    assert f"of frauds caught {written(carried['at_thresholds']['recall'])}" in CARD
    ratios = MANIFEST["metrics"]["expected_over_observed"]
    assert written(ratios["all_over_observed"]) in CARD
    assert ratios["all_over_observed"]["low"] < 1 < ratios["all_over_observed"]["high"]
    assert ratios["top_over_observed"]["low"] < 1 < ratios["top_over_observed"]["high"]


def test_the_card_names_the_version_the_prevalence_and_the_thresholds() -> None:
    assert MANIFEST["version"] in CARD
    assert f"({MANIFEST['metrics']['test']['prevalence']:.3%})" in CARD
    assert f"review from risk {MANIFEST['thresholds']['review']:g}" in CARD


def test_every_chart_of_the_card_is_there_and_no_other() -> None:
    pictures = {path.name for path in (FOLDER / "card").iterdir()}
    assert pictures == {line.rpartition("(card/")[2].rstrip(")") for line in CARD.splitlines() if line.startswith("![")}
    for name in pictures:
        assert ElementTree.parse(FOLDER / "card" / name).getroot().get("aria-label")
