import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from fraudshield.errors import ModelRefused
from fraudshield.event_type.payment import BUILT_IN
from fraudshield.predictor.artifact import load
from fraudshield.predictor.forest import margin
from tests.model.feature import FEATURE_NAMES

COMMITTED = Path(__file__).parents[3] / "model" / "artifact" / "model"
LEAF = [0.5, 100]
TYPE = {"name": BUILT_IN.name, "version": BUILT_IN.version, "digest": BUILT_IN.digest}
AMOUNT = {"name": "amount", "value": "amount"}

Content = dict[str, Any]
Refusal = Callable[[Path], str]


def folder(tmp_path: Path, manifest: Content | None = None, model: Content | None = None) -> Path:
    """The committed artifact with these keys of its files changed; the digest is made to fit."""
    contents = json.loads((COMMITTED / "model.json").read_text()) | (model or {})
    raw = json.dumps(contents).encode()
    facts = json.loads((COMMITTED / "manifest.json").read_text()) | {"sha256": sha256(raw).hexdigest()}
    (tmp_path / "model.json").write_bytes(raw)
    (tmp_path / "manifest.json").write_text(json.dumps(facts | (manifest or {})))
    return tmp_path


def refusal(where: Path, expected_version: str = "") -> str:
    with pytest.raises(ModelRefused) as caught:
        load(where, expected_version)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    return message


def test_the_committed_artifact_is_taken_whole() -> None:
    model = load(COMMITTED)
    manifest = json.loads((COMMITTED / "manifest.json").read_text())
    assert (model.version, model.sha256, model.trained_at) == tuple(
        manifest[key] for key in ("version", "sha256", "trained_at")
    )
    assert (model.features.names, model.classes, len(model.cuts)) == (FEATURE_NAMES, (0, 1), 10_000)
    assert 0 < model.thresholds.review <= model.thresholds.block <= 1


def test_a_rewritten_artifact_with_a_fitting_digest_is_taken(tmp_path: Path) -> None:
    assert load(folder(tmp_path)).forest == load(COMMITTED).forest


def test_the_version_asked_for_is_taken() -> None:
    version = load(COMMITTED).version
    assert load(COMMITTED, version).version == version


def test_another_version_than_the_one_asked_for_is_refused() -> None:
    assert refusal(COMMITTED, "1999.1.1") == f"the model's version is {load(COMMITTED).version}, expected 1999.1.1"


@pytest.mark.parametrize("name", ["model.json", "manifest.json"])
def test_a_missing_file_is_refused(tmp_path: Path, name: str) -> None:
    (folder(tmp_path) / name).unlink()
    assert refusal(tmp_path) == f"{name} cannot be read: No such file or directory"


def test_a_manifest_that_is_not_json_is_refused(tmp_path: Path) -> None:
    (folder(tmp_path) / "manifest.json").write_text("{")
    assert refusal(tmp_path).startswith("manifest.json: the file: Invalid JSON")


def test_a_model_that_is_not_json_is_refused(tmp_path: Path) -> None:
    folder(tmp_path, {"sha256": sha256(b"{").hexdigest()})
    (tmp_path / "model.json").write_bytes(b"{")
    assert refusal(tmp_path).startswith("model.json is malformed: JSONDecodeError")


def test_a_model_nested_beyond_reading_is_refused(tmp_path: Path) -> None:
    raw = b"[" * 100_000
    folder(tmp_path, {"sha256": sha256(raw).hexdigest()})
    (tmp_path / "model.json").write_bytes(raw)
    assert refusal(tmp_path).startswith("model.json is malformed: RecursionError")


def test_a_model_changed_by_one_byte_is_refused(tmp_path: Path) -> None:
    path = folder(tmp_path) / "model.json"
    path.write_bytes(path.read_bytes() + b" ")
    assert refusal(tmp_path).startswith("the model's sha256 of model.json is ")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 1}, "the model's format is 1, expected 2"),
        ({"event_type": {**TYPE, "name": "shop"}}, "the model's event type's name is shop, expected payment"),
        ({"event_type": {**TYPE, "version": 2}}, "the model's event type's version is 2, expected 1"),
        ({"event_type": {**TYPE, "digest": "0"}}, "the model's event type's digest is 0, expected ede1d26b"),
        ({"event_type": "payment"}, "manifest.json: event_type: "),
        ({"features": []}, "manifest.json: features: "),
        ({"features": ["amount"]}, "manifest.json: features.0: "),
        ({"features": [AMOUNT, AMOUNT]}, "manifest.json: features: amount stands there twice"),
        ({"features": [{**AMOUNT, "value": "amuont"}]}, "manifest.json: features: amount: the expression cannot be"),
        ({"features": [{**AMOUNT, "value": "nameOrig"}]}, "manifest.json: features: amount: the expression cannot be"),
        ({"features": [{**AMOUNT, "value": "type"}]}, "manifest.json: features: amount: it is a category, and has no"),
        ({"features": [{**AMOUNT, "cases": [{"when": "value", "says": "x"}]}]}, "manifest.json: features: amount: the"),
        ({"features": [{**AMOUNT, "more": 1}]}, "manifest.json: features.0.more: "),
        ({"cuts": [0.5] * 10_000}, "manifest.json: cuts are not in ascending order"),
        ({"cuts": [0.0]}, "manifest.json: cuts: "),
        ({"cuts": [float(i) for i in range(10_001)]}, "manifest.json: cuts: "),
        ({"cuts": [*map(float, range(9_999)), float("inf")]}, "manifest.json: cuts.9999: "),
        ({"thresholds": {"review": 0.9, "block": 0.1}}, "manifest.json: thresholds: block should be at or above"),
        ({"thresholds": {"review": 0.9}}, "manifest.json: thresholds.block: Field required"),
        ({"version": 7}, "manifest.json: version: "),
        ({"metrics": None}, "manifest.json: metrics: "),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(tmp_path: Path, change: Content, message: str) -> None:
    assert refusal(folder(tmp_path, change)).startswith(message)


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        ([8, 1.5, LEAF, LEAF, True], "tree 0: feature 8, expected 0 to 7"),
        ([-1, 1.5, LEAF, LEAF, True], "tree 0: feature -1, expected 0 to 7"),
        ([True, 1.5, LEAF, LEAF, True], "tree 0: feature True, expected 0 to 7"),
        ([0, float("nan"), LEAF, LEAF, True], "tree 0: nan, expected a finite number"),
        ([0, float("inf"), LEAF, LEAF, True], "tree 0: inf, expected a finite number"),
        ([0, 1.5, [float("-inf"), 100], LEAF, True], "tree 0: -inf, expected a finite number"),
        ([0, 1.5, ["1.5", 100], LEAF, True], "tree 0: '1.5', expected a finite number"),
        ([0, 1.5, [0.5, 0], LEAF, True], "tree 0: a leaf covers 0 rows"),
        ([0, 1.5, LEAF, LEAF, 1], "tree 0: missing goes left: 1"),
        ([0, 1.5, LEAF, LEAF], "tree 0: not enough values to unpack"),
        (None, "tree 0: object of type 'NoneType' has no len()"),
    ],
)
def test_a_malformed_tree_is_refused(tmp_path: Path, tree: object, message: str) -> None:
    assert message in refusal(folder(tmp_path, model={"trees": [tree]}))


@pytest.mark.parametrize(("change", "message"), [({"baseline": "x"}, "'x', expected a finite number")])
def test_a_malformed_baseline_is_refused(tmp_path: Path, change: Content, message: str) -> None:
    assert message in refusal(folder(tmp_path, model=change))


def test_a_model_without_trees_is_refused(tmp_path: Path) -> None:
    raw = b'{"baseline": 1.0}'
    folder(tmp_path, {"sha256": sha256(raw).hexdigest()})
    (tmp_path / "model.json").write_bytes(raw)
    assert refusal(tmp_path) == "model.json is malformed: KeyError: 'trees'"


def test_a_single_leaf_is_a_tree(tmp_path: Path) -> None:
    model = load(folder(tmp_path, model={"baseline": -1.0, "trees": [LEAF]}))
    assert margin(model.forest, (0.0,) * 8) == -0.5


def test_the_reference_comes_with_the_model() -> None:
    found = load(COMMITTED).reference
    assert found is not None
    assert tuple(found.features) == FEATURE_NAMES
    assert found.risk.edges[0] == 0.0


def test_a_manifest_without_a_reference_is_taken_and_tells_no_drift(tmp_path: Path) -> None:
    assert load(folder(tmp_path, {"reference": {}})).reference is None


@pytest.mark.parametrize(
    ("reference", "says"),
    [
        ({"amount": {"edges": [1.0], "shares": [0.5, 0.5]}}, "reference histograms"),
        ({key: {"edges": [1.0], "shares": [1.0]} for key in (*FEATURE_NAMES, "risk")}, "shares of"),
    ],
)
def test_a_reference_for_something_else_is_refused(tmp_path: Path, reference: Content, says: str) -> None:
    assert says in refusal(folder(tmp_path, {"reference": reference}))


@pytest.mark.parametrize(
    ("usual", "says"),
    [
        ({"feature": "hour", "contributions": {}}, "hour is none of the features"),
        ({"feature": "type", "contributions": {"GIFT": [0.0] * 8}}, "type has no value GIFT"),
        ({"feature": "type", "contributions": {"TRANSFER": [0.0]}}, "usual contributions of TRANSFER is 1, expected 8"),
        ({"feature": "type", "contributions": {"TRANSFER": ["x"] * 8}}, "usual_contributions.contributions.TRANSFER.0"),
    ],
)
def test_averages_of_something_else_are_refused(tmp_path: Path, usual: Content, says: str) -> None:
    assert says in refusal(folder(tmp_path, {"usual_contributions": usual}))


def test_a_manifest_of_before_has_no_averages(tmp_path: Path) -> None:
    assert load(folder(tmp_path, {"usual_contributions": None})).usual is None
