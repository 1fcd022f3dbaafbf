"""Trees as `model.json`, and the classifier that they were exported from, which is kept beside for tests to compare."""

import json
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import joblib
from sklearn.ensemble import HistGradientBoostingClassifier

ARTIFACT = Path(__file__).parent / "artifact"
JOBLIB_FILE = "model.joblib"
JOBLIB_FACTS_FILE = "model.joblib.json"
KINDS = (".py", ".json")  # of files that trees come from
PACKAGES = ("scikit-learn", "numpy", "scipy", "joblib")


def model_json(classifier: HistGradientBoostingClassifier) -> bytes:
    """The trees, one a line: [value, training rows] or [feature, threshold, left, right, missing goes left]."""
    trees = ",\n".join(_line(_nested(predictor.nodes, 0)) for (predictor,) in classifier._predictors)
    baseline = float(classifier._baseline_prediction.item())
    return f'{{"baseline":{baseline!r},\n"trees":[\n{trees}\n]}}\n'.encode()


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
    replace_file(folder / JOBLIB_FACTS_FILE, (json.dumps(facts, indent=1) + "\n").encode())


def recipe() -> str:
    """sha256 over the code and facts and the packages' versions: all that the default model is made from."""
    digest = sha256("".join(f"{name} {version(name)}\n" for name in PACKAGES).encode())
    here = Path(__file__).parent
    folders = ("", "fitting", "table", "paysim")
    for path in sorted(one for folder in folders for one in (here / folder).glob("*.*") if one.suffix in KINDS):
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


def _line(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True, allow_nan=False)


def replace_file(path: Path, content: bytes) -> None:
    """The file whole, or as it was."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_bytes(content)
    partial.replace(path)
