"""The model artifact: `manifest.json` and `model.json` in one folder, read once and refused when anything is off."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from math import isfinite
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

from fraudshield.errors import ModelRefused
from fraudshield.policy.policy import Thresholds
from fraudshield.predictor.forest import STEPS, Forest, Tree
from fraudshield.predictor.reference import RISK, Histogram, Reference
from fraudshield.transaction.features import FEATURE_NAMES

FORMAT = 1
MODEL_FILE = "model.json"
MANIFEST_FILE = "manifest.json"


@dataclass(frozen=True, slots=True)
class Model:
    """A forest with its calibration (`cuts`) and what its manifest says about it.

    `thresholds` are the manifest's proposal for a policy. `metrics` is the manifest's own JSON: the protocol
    and the baselines stand beside each number.
    """

    version: str
    forest: Forest
    cuts: tuple[float, ...]
    thresholds: Thresholds
    model_type: str
    feature_names: tuple[str, ...]
    classes: tuple[int, ...]
    trained_at: str
    scikit_learn: str
    sha256: str
    metrics: Mapping[str, Any]
    reference: Reference | None = None


class _Histogram(BaseModel):
    """As `reference.Histogram`."""

    model_config = ConfigDict(frozen=True, strict=True)

    edges: tuple[FiniteFloat, ...]
    shares: tuple[FiniteFloat, ...]


class _Manifest(BaseModel):
    """What serving reads of `manifest.json`; it holds more (data, parameters)."""

    model_config = ConfigDict(frozen=True, strict=True, protected_namespaces=())

    format: int
    version: str
    feature_names: tuple[str, ...]
    sha256: str
    cuts: Annotated[tuple[FiniteFloat, ...], Field(min_length=STEPS, max_length=STEPS)]
    thresholds: Thresholds
    model_type: str
    classes: tuple[int, ...]
    trained_at: str
    scikit_learn: str
    metrics: dict[str, Any]
    reference: dict[str, _Histogram] = {}


def load(folder: Path, expected_version: str = "") -> Model:
    """The model in `folder`; an empty `expected_version` takes any.

    Raises:
        ModelRefused: a file is missing or damaged, `model.json` is not the one the manifest was written for, or
            the model was made for other features, another format or another version. One line says what.
    """
    manifest = _manifest(_read(folder / MANIFEST_FILE))
    _expect("format", manifest.format, FORMAT)
    _expect("version", manifest.version, expected_version or manifest.version)
    _expect("feature_names", manifest.feature_names, FEATURE_NAMES)
    if not all(low < high for low, high in pairwise(manifest.cuts)):
        raise ModelRefused("manifest.json: cuts are not in ascending order")
    raw = _read(folder / MODEL_FILE)
    _expect("sha256 of model.json", sha256(raw).hexdigest(), manifest.sha256)
    return Model(
        version=manifest.version,
        forest=_forest(raw),
        cuts=manifest.cuts,
        thresholds=manifest.thresholds,
        model_type=manifest.model_type,
        feature_names=manifest.feature_names,
        classes=manifest.classes,
        trained_at=manifest.trained_at,
        scikit_learn=manifest.scikit_learn,
        sha256=manifest.sha256,
        metrics=manifest.metrics,
        reference=_reference(manifest),
    )


def _reference(manifest: _Manifest) -> Reference | None:
    """None where the manifest has none: then no drift is told."""
    found = manifest.reference
    if not found:
        return None
    _expect("reference histograms", set(found), {*FEATURE_NAMES, RISK})
    for name, one in found.items():
        _expect(f"shares of {name}", len(one.shares), len(one.edges) + 1)
    histograms = {name: Histogram(one.edges, one.shares) for name, one in found.items()}
    return Reference(manifest.version, {name: histograms[name] for name in FEATURE_NAMES}, histograms[RISK])


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as exc:
        raise ModelRefused(f"{path.name} cannot be read: {exc.strerror}") from exc


def _expect(what: str, found: object, expected: object) -> None:
    if found != expected:
        raise ModelRefused(f"the model's {what} is {found}, expected {expected}")


def _manifest(raw: bytes) -> _Manifest:
    try:
        return _Manifest.model_validate_json(raw)
    except ValidationError as exc:
        fault = exc.errors(include_url=False)[0]
        where = ".".join(map(str, fault["loc"])) or "the file"
        raise ModelRefused(f"manifest.json: {where}: {fault['msg']}") from exc


def _forest(raw: bytes) -> Forest:
    try:
        content = json.loads(raw)
        covers: list[tuple[int, ...]] = []
        trees = tuple(_tree(tree, covers) for tree in content["trees"])
        return Forest(_finite(content["baseline"]), trees, tuple(covers))
    except (KeyError, TypeError, ValueError, RecursionError) as exc:
        raise ModelRefused(f"model.json is malformed: {type(exc).__name__}: {exc}") from exc


def _tree(tree: Any, covers: list[tuple[int, ...]]) -> Tree:
    leaves: list[int] = []
    try:
        root = _node(tree, leaves)
    except (TypeError, ValueError) as exc:
        raise ValueError(f"tree {len(covers)}: {exc}") from exc
    covers.append(tuple(leaves))
    return root


def _node(node: Any, covers: list[int]) -> Tree:
    """A leaf is [value, cover], an inner node [feature, threshold, left, right, missing goes left]."""
    if len(node) == 2:
        value, cover = node
        if type(cover) is not int or cover < 1:
            raise ValueError(f"a leaf covers {cover!r} rows, expected 1 or more")
        covers.append(cover)
        return _finite(value)
    feature, threshold, left, right, missing_left = node
    if type(feature) is not int or not 0 <= feature < len(FEATURE_NAMES):
        raise ValueError(f"feature {feature!r}, expected 0 to {len(FEATURE_NAMES) - 1}")
    if type(missing_left) is not bool:
        raise ValueError(f"missing goes left: {missing_left!r}, expected true or false")
    return (feature, _finite(threshold), _node(left, covers), _node(right, covers), missing_left)


def _finite(number: Any) -> float:
    if type(number) is not float or not isfinite(number):
        raise ValueError(f"{number!r}, expected a finite number with a point")
    return number
