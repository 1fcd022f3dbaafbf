"""The packed classifier: taken where it is the model's own, refused unread where it is not."""

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from fraudshield.batch import classifier
from fraudshield.errors import ModelRefused
from tests.chunk import predictor, walked

MODEL = predictor().model


def pack(folder: Path, content: bytes = b"no pickle", facts: Mapping[str, object] = {}) -> Path:
    """Writes the facts beside the classifier, with changes."""
    (folder / "model.joblib").write_bytes(content)
    told = {"sha256": sha256(content).hexdigest(), "model_json_sha256": MODEL.sha256, "packages": {}}
    (folder / "model.joblib.json").write_text(json.dumps({**told, **facts}))
    return folder


def test_without_a_packed_classifier_the_trees_are_walked(tmp_path: Path) -> None:
    rows = np.random.default_rng(1).random((20, len(MODEL.features.names))) * 1e5
    assert np.array_equal(classifier.margins(tmp_path, MODEL)(rows), walked(rows))


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"sha256": "0" * 64}, "sha256 of model.joblib is"),
        ({"model_json_sha256": "0" * 64}, "sha256 of its model.json is"),
        ({"packages": {"numpy": "0.1"}}, "version of numpy is"),
        ({"packages": {"no-such-package": "1"}}, "version of no-such-package is none"),
    ],
)
def test_one_that_is_not_the_models_own_is_refused_unread(tmp_path: Path, facts: dict[str, object], said: str) -> None:
    with pytest.raises(ModelRefused, match=said):
        classifier.margins(pack(tmp_path, facts=facts), MODEL)


@pytest.mark.parametrize("text", ["{", "[]", '{"sha256": "x"}'])
def test_facts_that_cannot_be_read_are_refused(tmp_path: Path, text: str) -> None:
    (pack(tmp_path) / "model.joblib.json").write_text(text)
    with pytest.raises(ModelRefused, match="malformed"):
        classifier.margins(tmp_path, MODEL)


def test_a_classifier_that_is_gone_is_refused(tmp_path: Path) -> None:
    (pack(tmp_path) / "model.joblib").unlink()
    with pytest.raises(ModelRefused, match=r"model\.joblib cannot be read"):
        classifier.margins(tmp_path, MODEL)


def test_other_trees_under_the_right_digests_are_refused() -> None:
    with pytest.raises(ModelRefused, match="trees are not those"):
        classifier._compare(lambda rows: walked(rows) + 1e-12, MODEL)
