"""Writing the artifact: `model/model.json` and `model/manifest.json` for serving, `batch/model.joblib` for batch.

The two JSON files are committed. They hold nothing of the clock, the machine or its paths.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import joblib
from sklearn.ensemble import HistGradientBoostingClassifier

from fraudshield.event_type.payment import BUILT_IN
from fraudshield.predictor.artifact import FORMAT, MANIFEST_FILE, MODEL_FILE
from fraudshield.predictor.feature import FeatureEntry
from fraudshield.predictor.reference import Histogram
from model.feature import ENTRIES
from model.threshold import PROTOCOL as THRESHOLD_PROTOCOL
from model.train import PARAMETERS, TREES, Trained

ARTIFACT = Path(__file__).parent / "artifact"
JOBLIB_FILE = "model.joblib"
JOBLIB_FACTS_FILE = "model.joblib.json"
PACKAGES = ("scikit-learn", "numpy", "scipy", "joblib")


@dataclass(frozen=True, slots=True)
class Provenance:
    """Which model this is, and what it was trained on. `trained_at` is RFC 3339 and belongs to the data."""

    version: str
    trained_at: str
    source: str
    rows: int
    frauds: int
    data_sha256: str


def model_json(classifier: HistGradientBoostingClassifier) -> bytes:
    """The trees, one a line: [value, training rows] or [feature, threshold, left, right, missing goes left]."""
    trees = ",\n".join(_line(_nested(predictor.nodes, 0)) for (predictor,) in classifier._predictors)
    baseline = float(classifier._baseline_prediction.item())
    return f'{{"baseline":{baseline!r},\n"trees":[\n{trees}\n]}}\n'.encode()


def manifest_json(
    trained: Trained,
    provenance: Provenance,
    metrics: Mapping[str, Any],
    reference: Mapping[str, Histogram],
) -> bytes:
    """What goes with `model_json`; `fraudshield.artifact` reads it, `reference` is for drift."""
    content = {
        "calibration": asdict(trained.calibration),
        "classes": [0, 1],
        "cuts": trained.cuts,
        "data": asdict(provenance),
        "event_type": {"name": BUILT_IN.name, "version": BUILT_IN.version, "digest": BUILT_IN.digest},
        "features": tuple(_entry(one) for one in ENTRIES),
        "format": FORMAT,
        "metrics": metrics,
        "model_type": type(trained.classifier).__name__,
        "parameters": {"trees": TREES, **PARAMETERS},
        "reference": {name: asdict(histogram) for name, histogram in reference.items()},
        "scikit_learn": version("scikit-learn"),
        "sha256": sha256(model_json(trained.classifier)).hexdigest(),
        "threshold_protocol": THRESHOLD_PROTOCOL,
        "thresholds": trained.thresholds.model_dump(),
        "trained_at": provenance.trained_at,
        "version": provenance.version,
    }
    lines = ",\n".join(f"{_line(name)}:{_wrapped(value)}" for name, value in sorted(content.items()))
    return f"{{\n{lines}\n}}\n".encode()


def write(folder: Path, trained: Trained, manifest: bytes) -> None:
    """Both halves of the artifact, each file whole or not at all."""
    _replace(folder / "model" / MODEL_FILE, model_json(trained.classifier))
    _replace(folder / "model" / MANIFEST_FILE, manifest)
    write_joblib(folder / "batch", trained.classifier)


def write_joblib(folder: Path, classifier: HistGradientBoostingClassifier) -> None:
    """`model.joblib`, and beside it the digests and package versions that batch insists on."""
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f"{JOBLIB_FILE}.partial"
    joblib.dump(classifier, partial)
    facts = {
        "model_json_sha256": sha256(model_json(classifier)).hexdigest(),
        "packages": {name: version(name) for name in PACKAGES},
        "recipe": recipe(),
        "sha256": sha256(partial.read_bytes()).hexdigest(),
    }
    partial.replace(folder / JOBLIB_FILE)
    _replace(folder / JOBLIB_FACTS_FILE, (json.dumps(facts, indent=1) + "\n").encode())


def recipe() -> str:
    """sha256 over this folder's code and facts and the packages' versions: all that the default model is made from."""
    digest = sha256("".join(f"{name} {version(name)}\n" for name in PACKAGES).encode())
    here = Path(__file__).parent
    for path in sorted([*here.glob("*.py"), *(here / "paysim").glob("*.json")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _nested(nodes: Any, at: int) -> list[Any]:
    node = nodes[at]
    if node["is_leaf"]:
        return [float(node["value"]), int(node["count"])]
    return [
        int(node["feature_idx"]),
        float(node["num_threshold"]),
        _nested(nodes, int(node["left"])),
        _nested(nodes, int(node["right"])),
        bool(node["missing_go_to_left"]),
    ]


def _entry(feature: FeatureEntry) -> dict[str, Any]:
    """A feature as the manifest has it; only a category has ranks."""
    return {part: value for part, value in feature.model_dump(mode="json").items() if value != {}}


def _line(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True, allow_nan=False)


def _wrapped(value: Any) -> str:
    """Objects a line per key, lists of objects one a line, long lists ten items a line: a change reads as one."""
    if isinstance(value, Mapping):
        return "{\n" + ",\n".join(f" {_line(name)}:{_line(value[name])}" for name in sorted(value)) + "\n}"
    if isinstance(value, tuple) and isinstance(value[0], Mapping):
        return "[\n" + ",\n".join(f" {_line(one)}" for one in value) + "\n]"
    if isinstance(value, tuple) and len(value) > 10:
        tens = (value[at : at + 10] for at in range(0, len(value), 10))
        return "[\n" + ",\n".join(_line(ten)[1:-1] for ten in tens) + "\n]"
    return _line(value)


def _replace(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_bytes(content)
    partial.replace(path)
