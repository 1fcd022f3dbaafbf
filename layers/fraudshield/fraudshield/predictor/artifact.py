"""The model artifact: `manifest.json` and `model.json` in one folder, read once and refused when anything is off."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from fraudshield.errors import ModelRefused
from fraudshield.event_type.environment import environment
from fraudshield.event_type.event_type import EventType
from fraudshield.event_type.payment import BUILT_IN
from fraudshield.expression.fault import InvalidExpression
from fraudshield.policy.policy import Thresholds
from fraudshield.predictor.feature import ModelFeatures, read_feature
from fraudshield.predictor.forest import Forest
from fraudshield.predictor.manifest import Manifest
from fraudshield.predictor.reference import RISK, Histogram, Reference
from fraudshield.predictor.trees import forest_of
from fraudshield.predictor.usual import UsualContributions

FORMAT = 2  # 1 named its features and did not say what they are
MODEL_FILE = "model.json"
MANIFEST_FILE = "manifest.json"
MOST_BYTES = 16 << 20  # of either file: the shipped ones have 0.2 MB, and a process holds its old and its new model


@dataclass(frozen=True, slots=True)
class Artifact:
    """The bytes of both files of a model."""

    manifest: bytes
    model: bytes

    @property
    def sha256(self) -> str:
        """The digest of the manifest, which names that of the model."""
        return sha256(self.manifest).hexdigest()


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
    features: ModelFeatures
    classes: tuple[int, ...]
    trained_at: str
    scikit_learn: str
    sha256: str
    metrics: Mapping[str, Any]
    reference: Reference | None = None
    manifest_sha256: str = ""
    event_type: str = BUILT_IN.name
    trained: str = ""  # up to which time
    usual: UsualContributions | None = None


def load(folder: Path, expected_version: str = "", event_type: EventType = BUILT_IN) -> Model:
    """The model in `folder`, of an event type; an empty `expected_version` takes any.

    Raises:
        ModelRefused: a file is missing or damaged, `model.json` is not the one the manifest was written for, the
            model is of another event type, format or version, or a feature is no expression over the type's fields.
            One line says what.
    """
    return read(Artifact(_read(folder / MANIFEST_FILE), _read(folder / MODEL_FILE)), expected_version, "", event_type)


def read(
    artifact: Artifact, expected_version: str = "", manifest_sha256: str = "", event_type: EventType = BUILT_IN
) -> Model:
    """The model of these two files; without `manifest_sha256` any manifest is taken.

    Raises:
        ModelRefused: as `load`, or the manifest is another than expected, or a file is too large.
    """
    for name, raw in ((MANIFEST_FILE, artifact.manifest), (MODEL_FILE, artifact.model)):
        if len(raw) > MOST_BYTES:
            raise ModelRefused(f"{name} has {len(raw):,} bytes, expected {MOST_BYTES:,} or fewer")
    _expect("sha256 of manifest.json", artifact.sha256, manifest_sha256 or artifact.sha256)
    found = sha256(artifact.model).hexdigest()
    if manifest_sha256 and found.encode() not in artifact.manifest:  # known before all of it is read
        raise ModelRefused(f"the model's sha256 of model.json is {found}, expected the one that manifest.json names")
    manifest = _manifest(artifact.manifest)
    _expect("format", manifest.format, FORMAT)
    _expect("version", manifest.version, expected_version or manifest.version)
    for part, expected in (
        ("name", event_type.name),
        ("version", event_type.version),
        ("digest", event_type.digest),
    ):
        _expect(f"event type's {part}", getattr(manifest.event_type, part), expected)
    features = _features(manifest, event_type)
    if not all(low < high for low, high in pairwise(manifest.cuts)):
        raise ModelRefused("manifest.json: cuts are not in ascending order")
    _expect("sha256 of model.json", sha256(artifact.model).hexdigest(), manifest.sha256)
    return Model(
        version=manifest.version,
        forest=forest_of(artifact.model, len(features.names)),
        cuts=manifest.cuts,
        thresholds=manifest.thresholds,
        model_type=manifest.model_type,
        features=features,
        classes=manifest.classes,
        trained_at=manifest.trained_at,
        scikit_learn=manifest.scikit_learn,
        sha256=manifest.sha256,
        metrics=manifest.metrics,
        reference=_reference(manifest, features.names),
        manifest_sha256=artifact.sha256,
        event_type=event_type.name,
        trained=manifest.data.to or manifest.trained_at,
        usual=_usual(manifest, features),
    )


def _features(manifest: Manifest, event_type: EventType) -> ModelFeatures:
    names, found = environment(event_type.document, event_type.all_fields), {}
    for entry in manifest.features:
        if entry.name in found:
            raise ModelRefused(f"manifest.json: features: {entry.name} stands there twice")
        try:
            found[entry.name] = read_feature(entry, names)
        except (InvalidExpression, ValueError) as exc:
            raise ModelRefused(f"manifest.json: features: {entry.name}: {exc}") from exc
    return ModelFeatures([*found.values()])


def _reference(manifest: Manifest, names: Sequence[str]) -> Reference | None:
    """None where the manifest has none: then no drift is told."""
    found = manifest.reference
    if not found:
        return None
    _expect("reference histograms", set(found), {*names, RISK})
    for name, one in found.items():
        _expect(f"shares of {name}", len(one.shares), len(one.edges) + 1)
    histograms = {name: Histogram(one.edges, one.shares) for name, one in found.items()}
    return Reference(manifest.version, {name: histograms[name] for name in names}, histograms[RISK])


def _usual(manifest: Manifest, features: ModelFeatures) -> UsualContributions | None:
    found = manifest.usual_contributions
    if found is None:
        return None
    if found.feature not in features.names:
        raise ModelRefused(f"manifest.json: usual_contributions: {found.feature} is none of the features")
    at = features.names.index(found.feature)
    ranks, by_rank = features.components[at].ranks, {}
    for value, each in found.contributions.items():
        if value not in ranks:
            raise ModelRefused(f"manifest.json: usual_contributions: {found.feature} has no value {value}")
        _expect(f"usual contributions of {value}", len(each), len(features.names))
        by_rank[ranks[value]] = each
    return UsualContributions(at, by_rank)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as exc:
        raise ModelRefused(f"{path.name} cannot be read: {exc.strerror}") from exc


def _expect(what: str, found: object, expected: object) -> None:
    if found != expected:
        raise ModelRefused(f"the model's {what} is {found}, expected {expected}")


def _manifest(raw: bytes) -> Manifest:
    try:
        return Manifest.model_validate_json(raw)
    except ValidationError as exc:
        fault = exc.errors(include_url=False)[0]
        where = ".".join(map(str, fault["loc"])) or "the file"
        raise ModelRefused(f"manifest.json: {where}: {fault['msg']}") from exc
