"""The margins of many rows at once: scikit-learn's, where its classifier is packed beside and is the model's own."""

import json
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from fraudshield.batch.verdict import Margins
from fraudshield.errors import ModelRefused
from fraudshield.predictor.artifact import Model
from fraudshield.predictor.columns import Floats
from fraudshield.predictor.forest import margin

JOBLIB_FILE, FACTS_FILE = "model.joblib", "model.joblib.json"
PROBES, PROBE_SEED = 256, 20261124
LARGEST_PROBE = 1e6


def margins(folder: Path, model: Model) -> Margins:
    """Loads the packed classifier. Where there is none, the trees of `model.json` are walked: the same, but slower.

    Raises:
        ModelRefused: the classifier is not the one that `model.joblib.json` names, was made by other packages, or
            for another `model.json`. It is not unpickled then.
    """
    if not (folder / FACTS_FILE).exists():
        return walk(model)
    facts, packed = _facts(folder / FACTS_FILE), _read(folder / JOBLIB_FILE)
    _expect("sha256 of model.joblib", sha256(packed).hexdigest(), facts["sha256"])
    _expect("sha256 of its model.json", facts["model_json_sha256"], model.sha256)
    for name, made_by in facts["packages"].items():
        _expect(f"version of {name}", _version(name), made_by)
    scorer = _unpacked(packed)
    _compare(scorer, model)
    return scorer


def walk(model: Model) -> Margins:
    """Computes margins as the online path does, row by row."""
    return lambda rows: np.array([margin(model.forest, row) for row in rows.tolist()], np.float64)


def _unpacked(packed: bytes) -> Margins:
    import joblib  # noqa: PLC0415 a second that only those pay who have a classifier

    scorer: Margins = joblib.load(BytesIO(packed)).decision_function
    return lambda rows: scorer(rows) if len(rows) else np.empty(0)


def _compare(scorer: Margins, model: Model) -> None:
    """Raises ModelRefused where the classifier's trees are not the model's."""
    rng = np.random.default_rng(PROBE_SEED)
    rows: Floats = rng.random((PROBES, len(model.features.names))) ** 4 * LARGEST_PROBE
    for at, component in enumerate(model.features.components):
        if component.ranks:
            rows[:, at] = rng.choice(list(component.ranks.values()), PROBES)
    if not np.array_equal(scorer(rows), walk(model)(rows)):
        raise ModelRefused("model.joblib: its trees are not those of model.json")


def _facts(path: Path) -> Any:
    try:
        facts = json.loads(_read(path))
        return {name: facts[name] for name in ("sha256", "model_json_sha256", "packages")}
    except (ValueError, KeyError, TypeError) as exc:
        raise ModelRefused(f"{path.name} is malformed: {type(exc).__name__}") from exc


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as exc:
        raise ModelRefused(f"{path.name} cannot be read: {exc.strerror}") from exc


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"


def _expect(what: str, found: object, expected: object) -> None:
    if found != expected:
        raise ModelRefused(f"model.joblib: {what} is {found}, expected {expected}")
