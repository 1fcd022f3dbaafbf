"""The metrics table that training prints."""

from collections.abc import Mapping

from rich.table import Table

from model.evaluate import Interval

TITLES = {
    "auprc": "AUPRC",
    "recall_at_0_1_percent": "recall, 0.1 % alerted",
    "recall_at_0_5_percent": "recall, 0.5 % alerted",
    "recall_at_precision_90": "recall at precision 0.9",
    "amount_caught_at_0_5_percent": "amount caught, 0.5 % alerted",
    "precision_from_0_5": "precision of scores from 0.5 up",
    "recall_from_0_5": "recall of scores from 0.5 up",
    "brier": "Brier score",
    "ece": "calibration error (ECE)",
}


def table(title: str, found: Mapping[str, Mapping[str, Interval]]) -> Table:
    """Measures down, scores across, each with its 95 % interval."""
    grid = Table("", *(name.replace("_", " ") for name in found), title=title)
    for measure, words in TITLES.items():
        cells = [_cell(measures[measure]) if measure in measures else "" for measures in found.values()]
        if any(cells):
            grid.add_row(words, *cells)
    return grid


def _cell(interval: Interval) -> str:
    return f"{interval.value:g}  [{interval.low:g}, {interval.high:g}]"
