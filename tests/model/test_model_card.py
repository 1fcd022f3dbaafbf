import json

import pytest

from model.export import ARTIFACT
from model.report import TITLES

CARD = (ARTIFACT.parent / "MODEL_CARD.md").read_text(encoding="utf-8")
MANIFEST = json.loads((ARTIFACT / "model" / "manifest.json").read_text(encoding="utf-8"))


def row(measure: str, scores: dict[str, dict[str, dict[str, float]]]) -> str:
    cells = (scores[name][measure] for name in ("model", "one_line_rule", "logistic_regression"))
    written = (f"{cell['value']:g} [{cell['low']:g}, {cell['high']:g}]" for cell in cells)
    return f"| {TITLES[measure]} | {' | '.join(written)} |"


@pytest.mark.parametrize("measure", TITLES)
def test_the_card_quotes_the_manifest_with_baselines_and_intervals(measure: str) -> None:
    assert row(measure, MANIFEST["metrics"]["scores"]) in CARD


def test_the_card_quotes_what_carries_over() -> None:
    assert row("auprc", MANIFEST["metrics"]["carried_over"]["scores"]) in CARD


def test_the_card_names_the_version_the_prevalence_and_the_thresholds() -> None:
    assert MANIFEST["version"] in CARD
    assert f"{MANIFEST['metrics']['test']['prevalence']:.3%}" in CARD
    assert f"review from {MANIFEST['thresholds']['review']}, block from {MANIFEST['thresholds']['block']}" in CARD
