"""What a training leaves: `model.json`, `manifest.json` and the report, in a folder that scoring reads as it is.

Nothing in them is of the clock, the machine or its paths: the same payments make the same bytes.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from fraudshield.event_type.event_type import EventType
from fraudshield.policy.policy import Thresholds
from fraudshield.predictor.artifact import FORMAT, MANIFEST_FILE, MODEL_FILE
from fraudshield.predictor.columns import Floats
from fraudshield.predictor.reference import RISK, Histogram
from model.calibration import Calibration
from model.drift import RISK_EDGES, deciles, histogram
from model.export import model_json, replace_file
from model.fitting.features import FeatureTable
from model.fitting.proposal import PROTOCOL
from model.fitting.trees import Grown

REPORT, REPORT_TEXT = "report.html", "report.md"
LONG = 10  # items of a list stand on one line


@dataclass(frozen=True, slots=True, eq=False)
class FittedModel:
    """All that scoring needs of a model, with what it was trained on."""

    event_type: EventType
    features: FeatureTable
    grown: Grown
    calibration: Calibration
    cuts: tuple[float, ...]
    thresholds: Thresholds
    data: Mapping[str, Any]
    version: str
    trained_at: str
    usual: Mapping[str, Any] | None


def manifest_json(fitted: FittedModel, metrics: Mapping[str, Any], reference: Mapping[str, Histogram]) -> bytes:
    """What goes with `model_json`, in the format that `fraudshield.predictor.artifact` reads."""
    content = {
        "calibration": asdict(fitted.calibration),
        "classes": [0, 1],
        "cuts": list(fitted.cuts),
        "data": dict(fitted.data),
        "event_type": {name: getattr(fitted.event_type, name) for name in ("name", "version", "digest")},
        "features": [_entry(one.model_dump(mode="json")) for one in fitted.features.entries],
        "format": FORMAT,
        "metrics": dict(metrics),
        "model_type": type(fitted.grown.classifier).__name__,
        "parameters": fitted.grown.parameters,
        "reference": {name: asdict(one) for name, one in reference.items()},
        "scikit_learn": version("scikit-learn"),
        "sha256": sha256(model_json(fitted.grown.classifier)).hexdigest(),
        "threshold_protocol": PROTOCOL,
        "thresholds": fitted.thresholds.model_dump(mode="json"),
        "trained_at": fitted.trained_at,
        "version": fitted.version,
    }
    if fitted.usual is not None:
        content["usual_contributions"] = dict(fitted.usual)
    lines = ",\n".join(f"{_line(name)}:{_wrapped(value)}" for name, value in sorted(content.items()))
    return f"{{\n{lines}\n}}\n".encode()


def references(features: FeatureTable, values: Floats, risk: Floats) -> dict[str, Histogram]:
    """How each feature and the risk were distributed; what is missing is in the first bin, as where it is counted."""
    found = {}
    for name, column in zip(features.features.names, values.T, strict=True):
        there = column[~np.isnan(column)]
        edges = deciles(there) if len(there) else np.zeros(0)
        found[name] = histogram(np.where(np.isnan(column), -np.inf, column), edges)
    return {**found, RISK: histogram(risk, np.array(RISK_EDGES))}


def write(folder: Path, fitted: FittedModel, manifest: bytes, html: str, text: str) -> None:
    """Writes all four files, the manifest last: a folder with one is whole."""
    (folder / MANIFEST_FILE).unlink(missing_ok=True)
    replace_file(folder / REPORT, html.encode())
    replace_file(folder / REPORT_TEXT, text.encode())
    write_model(folder, fitted, manifest)


def write_model(folder: Path, fitted: FittedModel, manifest: bytes) -> None:
    """Writes both files that scoring reads, the manifest last."""
    (folder / MANIFEST_FILE).unlink(missing_ok=True)
    replace_file(folder / MODEL_FILE, model_json(fitted.grown.classifier))
    replace_file(folder / MANIFEST_FILE, manifest)


def _entry(written: Mapping[str, Any]) -> dict[str, Any]:
    """A feature as the manifest has it; only a category has ranks."""
    return {part: value for part, value in written.items() if value not in ({}, [])}


def _line(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True, allow_nan=False)


def _wrapped(value: Any) -> str:
    """Objects a line per key, long lists ten items a line: a change reads as one."""
    if isinstance(value, Mapping):
        return "{\n" + ",\n".join(f" {_line(name)}:{_line(value[name])}" for name in sorted(value)) + "\n}"
    if isinstance(value, list) and len(value) > LONG:
        tens = (value[at : at + LONG] for at in range(0, len(value), LONG))
        return "[\n" + ",\n".join(_line(ten)[1:-1] for ten in tens) + "\n]"
    return _line(value)
