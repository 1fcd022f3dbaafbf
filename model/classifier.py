"""`python -m model.classifier`: the classifier behind the committed artifact, kept on this machine; made if missing.

Its bytes change with the machine, so it is not committed; its trees are those of `model.json`, or it is refused.
"""

import json
from hashlib import sha256
from pathlib import Path

from fraudshield.predictor.artifact import MODEL_FILE
from model.export import ARTIFACT, JOBLIB_FACTS_FILE, JOBLIB_FILE, recipe, write_joblib
from model.shipped import shipped_trees


def ensure(folder: Path = ARTIFACT / "batch") -> Path:
    """The packed classifier; takes about 20 s when the code in model/ or a package has changed since the last time.

    Raises:
        ValueError: `model.json` was trained on other data; `make model` packs its classifier too.
    """
    if not _is_fresh(folder):
        write_joblib(folder, shipped_trees().classifier)
    facts = json.loads((folder / JOBLIB_FACTS_FILE).read_text(encoding="utf-8"))
    if facts["model_json_sha256"] != sha256((ARTIFACT / "model" / MODEL_FILE).read_bytes()).hexdigest():
        raise ValueError("model.json is not of the default training: run make model with the data that it is of")
    return folder / JOBLIB_FILE


def _is_fresh(folder: Path) -> bool:
    try:
        facts = json.loads((folder / JOBLIB_FACTS_FILE).read_text(encoding="utf-8"))
        digest = sha256((folder / JOBLIB_FILE).read_bytes()).hexdigest()
    except OSError:
        return False
    return bool(facts["recipe"] == recipe() and facts["sha256"] == digest)


if __name__ == "__main__":
    print(f"{ensure().relative_to(Path.cwd())} is there")  # noqa: T201 what the command says
