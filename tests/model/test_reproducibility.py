"""The committed artifact is what this code makes of this data."""

from hashlib import sha256

from sklearn.ensemble import HistGradientBoostingClassifier

from fraudshield.predictor.artifact import Model
from model.export import ARTIFACT, model_json
from model.fitting.trees import DECIMALS


def test_training_again_writes_the_committed_model_to_the_byte(classifier: HistGradientBoostingClassifier) -> None:
    assert model_json(classifier) == (ARTIFACT / "model" / "model.json").read_bytes()


def test_a_leaf_changed_in_its_last_kept_decimal_changes_the_bytes(classifier: HistGradientBoostingClassifier) -> None:
    nodes = classifier._predictors[0][0].nodes
    leaf = nodes["is_leaf"].argmax()
    kept = nodes["value"][leaf]
    before = sha256(model_json(classifier)).hexdigest()
    nodes["value"][leaf] = round(kept + 10**-DECIMALS, DECIMALS)
    changed = sha256(model_json(classifier)).hexdigest()
    nodes["value"][leaf] = kept
    assert changed != before


def test_the_trees_are_small_enough_to_be_explained_quickly(model: Model) -> None:
    assert len(model.forest.trees) <= 100
    assert max(map(len, model.forest.covers)) <= 31
    assert min(map(min, model.forest.covers)) >= 100
