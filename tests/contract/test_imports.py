"""Who may import whom: the contracts in pyproject.toml hold, cover every module, and bite."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
LAYER = "layers/fraudshield/fraudshield"
TREES = (LAYER, "functions", "infra", "model")
OUTSIDE_THE_DOMAIN = {
    *("fraudshield.api_settings", "fraudshield.aws", "fraudshield.http", "fraudshield.observability"),
    *("fraudshield.settings", "fraudshield.wirings"),
}

CONTRACTS: dict[str, dict[str, Any]] = {
    contract["id"]: contract
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
}

# Where something is planted, what it is, and the contracts that it breaks: these and no others.
PLANTED = [
    (f"{LAYER}/transaction.py", "import aws_lambda_powertools", {"domain"}),
    (f"{LAYER}/scoring.py", "from fraudshield.aws import clients", {"domain"}),
    (f"{LAYER}/features.py", "from fraudshield.settings import settings", {"domain"}),
    (f"{LAYER}/decision.py", "from fraudshield.observability import logger", {"domain"}),
    (f"{LAYER}/decision.py", "from fraudshield import http", {"domain", "aws-below-http"}),
    (f"{LAYER}/rules.py", "import boto3", {"domain", "aws"}),
    (f"{LAYER}/errors.py", "import fastapi", {"domain", "http"}),
    (f"{LAYER}/columns.py", "import infra.laptop.template", {"layer", "functions-serve"}),
    (
        f"{LAYER}/columns.py",
        "from functions.model import app",
        {"domain", "http", "layer", "aws-below-http", "functions-independent"},
    ),
    (f"{LAYER}/wirings/scoring.py", "import model", {"layer", "functions-serve"}),
    (f"{LAYER}/scoring.py", "from fraudshield.wirings import scoring", {"domain", "wired", "wirings"}),
    (f"{LAYER}/wirings/scoring.py", "from fraudshield.http import create_app", {"aws-below-http"}),
    (f"{LAYER}/http.py", "from fraudshield.wirings import monitoring", {"wired"}),
    ("functions/model/app.py", "from fraudshield.wirings import batch", {"light"}),
    ("functions/model/app.py", "import jinja2", {"light"}),
    (f"{LAYER}/wirings/policy.py", "from fraudshield.wirings import scoring", {"wirings"}),
    (f"{LAYER}/wirings/label.py", "from fraudshield.wirings import erasure", {"wirings"}),
    (f"{LAYER}/observability.py", "import infra.laptop.template", {"layer", "functions-serve"}),
    ("functions/planted/app.py", "from functions.model import app", {"functions-independent"}),
    ("functions/model/app.py", "import infra.laptop.template", {"functions-serve"}),
    ("functions/model/app.py", "import botocore.session", {"aws"}),
    (f"{LAYER}/observability.py", "import boto3", {"aws"}),
    (f"{LAYER}/settings.py", "import starlette", {"http"}),
    (f"{LAYER}/aws/clients.py", "from fraudshield.http import create_app", {"aws-below-http"}),
    (f"{LAYER}/forest.py", "import numpy", {"numpy", "online"}),
    (f"{LAYER}/forest.py", "import sklearn", {"numpy", "online"}),
    (f"{LAYER}/artifact.py", "import pickle", {"numpy", "online"}),
    (f"{LAYER}/predictor.py", "from fraudshield.columns import risk", {"online"}),
    (f"{LAYER}/scoring.py", "from fraudshield.batch.chunk import Chunk", {"online"}),
    (f"{LAYER}/batch/verdict.py", "import sklearn", {"numpy"}),
    (f"{LAYER}/batch/part.py", "import boto3", {"domain", "aws"}),
    ("functions/batch/app.py", "from fraudshield.wirings import batch_task", {"online"}),
    (f"{LAYER}/batch/job.py", "import numpy", {"online"}),
    ("functions/model/app.py", "def lazily():\n    import joblib", {"online"}),
    ("infra/laptop/errors.py", "from fraudshield.errors import NotFound", {"laptop"}),
    ("infra/laptop/resources/table.py", "import infra.parameter", {"laptop"}),
    ("infra/laptop/process/port.py", "from infra.laptop.awslambda import runtime", {"laptop-floors"}),
    ("infra/laptop/cloud.py", "def lazily():\n    from infra.cli import laptop", {"laptop"}),
]


def broken(tree: Path) -> set[str]:
    """The ids of the contracts that do not hold below `tree`."""
    checked = subprocess.run([ROOT / ".ci/contracts", tree], capture_output=True, text=True, check=False)
    said = re.sub(r"\x1b\[\d+m", "", checked.stdout)
    verdicts = {
        id_: re.search(rf"^{contract['name']} (KEPT|BROKEN)", said, re.MULTILINE) for id_, contract in CONTRACTS.items()
    }
    assert all(verdicts.values()), said + checked.stderr
    found = {id_ for id_, verdict in verdicts.items() if verdict and verdict[1] == "BROKEN"}
    assert bool(found) == bool(checked.returncode)
    return found


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of everything the contracts look at."""
    for folder in TREES:
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "artifact"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_every_contract_holds() -> None:
    assert broken(ROOT) == set()


@pytest.mark.parametrize(("place", "line", "expected"), PLANTED)
def test_a_planted_import_breaks_its_contract(tree: Path, place: str, line: str, expected: set[str]) -> None:
    file = tree / place
    file.parent.mkdir(exist_ok=True)
    with file.open("a") as source:
        source.write(f"\n{line}\n")
    assert broken(tree) == expected


def test_every_contract_has_a_planted_violation() -> None:
    assert set(CONTRACTS) == set().union(*(expected for _, _, expected in PLANTED))


def test_every_module_of_the_layer_has_chosen_its_room() -> None:
    found = [*(ROOT / LAYER).glob("*.py"), *(path.parent for path in (ROOT / LAYER).glob("*/__init__.py"))]
    modules = {f"fraudshield.{path.stem}" for path in found if path.stem != "__init__"}
    assert set(CONTRACTS["domain"]["source_modules"]) == modules - OUTSIDE_THE_DOMAIN


def test_the_online_path_loads_no_numpy_through_anybody_else() -> None:
    program = (
        "import sys, functions.model.app; print({'numpy', 'scipy', 'sklearn', 'joblib', 'pandas'} & set(sys.modules))"
    )
    loaded = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "set()"
