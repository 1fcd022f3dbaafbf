"""`fraudshield model info`: what stands behind the predictions, each number beside its baselines."""

import json
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Column, Table

from fraudshield.predictor.artifact import Model
from infra.cli import terminal

MEASURES = {
    "auprc": "precision, recall",
    "recall_at_0_1_percent": "recall at 0.1 %",
    "recall_at_0_5_percent": "recall at 0.5 %",
    "recall_at_precision_90": "recall, 90 % right",
    "amount_caught_at_0_5_percent": "money at 0.5 %",
    "brier": "Brier score",
    "ece": "calibration error",
}


def as_json(model: Model) -> str:
    """All that the manifest says but cut points and histograms."""
    return json.dumps(
        {
            "model_version": model.version,
            "model_type": model.model_type,
            "feature_columns": model.features.names,
            "trained_at": model.trained_at,
            "scikit_learn": model.scikit_learn,
            "trees": len(model.forest.trees),
            "thresholds": model.thresholds.model_dump(mode="json"),
            "sha256": model.sha256,
            "metrics": model.metrics,
        },
        indent=2,
    )


def show(model: Model, console: Console) -> None:
    """The same for people: the metrics that say most, with the interval of the model's own."""
    facts = Table.grid(padding=(0, 2, 0, 0))
    facts.add_row("version", model.version)
    facts.add_row("type", f"{model.model_type}, {len(model.forest.trees)} trees, scikit-learn {model.scikit_learn}")
    facts.add_row("trained", model.trained_at)
    facts.add_row("thresholds", f"review from {model.thresholds.review}, block from {model.thresholds.block}")
    facts.add_row("features", ", ".join(model.features.names))
    facts.add_row("sha256", model.sha256)
    console.print(facts, markup=False)
    console.print()
    test, scores = model.metrics.get("test", {}), model.metrics.get("scores", {})
    if test and scores:
        rows, frauds = test["rows"], test["frauds"]
        terminal.say(console, f"On {rows:,} unseen rows with {frauds:,} frauds ({frauds / rows:.3%}):")
        console.print(_metrics(scores))


def _metrics(scores: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Table:
    others = [name for name in scores if name != "model"]
    columns = (Column(""), Column("model", justify="right"), Column("95 %", justify="right"))
    baselines = (Column("\n".join(name.replace("_", " ").rsplit(" ", 1)), justify="right") for name in others)
    table = Table(*columns, *baselines, box=None, padding=(0, 1, 0, 0), header_style="bold")
    for measure, said in MEASURES.items():
        if (own := scores["model"].get(measure)) is None:
            continue
        beside = (_number(scores[name].get(measure, {}).get("value")) for name in others)
        table.add_row(said, _number(own["value"]), f"{_number(own['low'])}-{_number(own['high'])}", *beside)
    return table


def _number(found: float | None) -> str:
    """What there was too little to tell of is no number."""
    return "-" if found is None else f"{found:.4f}"
