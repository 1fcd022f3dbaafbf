"""Who may import whom: the contracts in pyproject.toml hold, cover every module, and bite."""

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from subprocess import PIPE, STDOUT
from typing import Any

import pytest

from tests.contract.import_linter import CHECKED

ROOT = Path(__file__).parents[2]
LAYER = "layers/fraudshield/fraudshield"
TREES = (LAYER, "functions", "infra", "model")

CONTRACTS: dict[str, dict[str, Any]] = {
    contract["id"]: contract
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
}

# Where something is planted, what it is, and the contracts that it breaks: these and no others.
PLANTED = [
    (f"{LAYER}/transaction/transaction.py", "import aws_lambda_powertools", {"powertools"}),
    (f"{LAYER}/scoring/scoring.py", "from fraudshield.aws import client", {"adapters"}),
    (f"{LAYER}/scoring/scoring.py", "from fraudshield.scoring.dynamo import DynamoTransactionStore", {"adapters"}),
    (f"{LAYER}/label/label.py", "from fraudshield.dynamo import record", {"adapters"}),
    (f"{LAYER}/transaction/value.py", "from fraudshield.settings import settings", {"settings"}),
    (f"{LAYER}/scoring/decision.py", "from fraudshield.telemetry import logger", {"logger"}),
    (f"{LAYER}/scoring/scoring.py", "from fraudshield.scoring.telemetry import observe", {"logger"}),
    (f"{LAYER}/scoring/decision.py", "from fraudshield.api import app", {"floors", "edge"}),
    (f"{LAYER}/notification/wiring.py", "from fraudshield.api import app", {"floors", "edge"}),
    (f"{LAYER}/text/query.py", "from fraudshield.transaction.transaction import Transaction", {"floors"}),
    (f"{LAYER}/label/label.py", "from fraudshield.policy.policy import Policy", {"floors"}),
    (f"{LAYER}/history/export.py", "from fraudshield.batch.job import Job", {"floors"}),
    (f"{LAYER}/cases/case.py", "from fraudshield.errors import NotFound", {"floors"}),
    (f"{LAYER}/predictor/predictor.py", "import boto3", {"aws"}),
    (f"{LAYER}/batch/result.py", "import boto3", {"aws"}),
    (f"{LAYER}/telemetry.py", "import boto3", {"aws"}),
    ("functions/model/app.py", "import botocore.session", {"aws"}),
    (f"{LAYER}/errors.py", "import fastapi", {"http"}),
    (f"{LAYER}/settings.py", "import starlette", {"http"}),
    (f"{LAYER}/predictor/columns.py", "import infra.laptop.template", {"layer", "functions-serve"}),
    (f"{LAYER}/predictor/columns.py", "from functions.model import app", {"floors", "layer", "functions-independent"}),
    (f"{LAYER}/scoring/wiring.py", "import model", {"layer", "functions-serve"}),
    (f"{LAYER}/telemetry.py", "import infra.laptop.template", {"layer", "functions-serve"}),
    (f"{LAYER}/scoring/scoring.py", "from fraudshield.scoring import wiring", {"wirings"}),
    (f"{LAYER}/api/app.py", "from fraudshield.monitoring import wiring", {"wirings"}),
    (f"{LAYER}/policy/wiring.py", "from fraudshield.scoring import wiring", {"floors"}),
    (f"{LAYER}/label/wiring.py", "from fraudshield.erasure import wiring", {"floors"}),
    ("functions/model/app.py", "from fraudshield.batch import wiring", {"light"}),
    ("functions/model/app.py", "from fraudshield.notification import alert", {"light"}),
    ("functions/model/app.py", "import jinja2", {"light"}),
    ("functions/planted/app.py", "from functions.model import app", {"functions-independent"}),
    ("functions/model/app.py", "import infra.laptop.template", {"functions-serve"}),
    ("functions/batch/tasks.py", "def lazily():\n    import joblib", {"online"}),
    (f"{LAYER}/predictor/forest.py", "import numpy", {"numpy", "online"}),
    (f"{LAYER}/predictor/artifact.py", "import pickle", {"numpy", "online"}),
    (f"{LAYER}/predictor/predictor.py", "from fraudshield.predictor.columns import risk", {"online"}),
    (f"{LAYER}/batch/verdict.py", "import sklearn", {"numpy"}),
    (f"{LAYER}/batch/classifier.py", "import pickle", {"numpy"}),
    (f"{LAYER}/batch/job.py", "import numpy", {"online"}),
    (f"{LAYER}/expression/careful.py", "import numpy", {"numpy", "online"}),
    (f"{LAYER}/expression/lexer.py", "import pydantic", {"expression"}),
    (f"{LAYER}/scoring/scoring.py", "from fraudshield.expression import columns", {"online"}),
    ("functions/batch/app.py", "from fraudshield.batch import task_wiring", {"online"}),
    ("infra/laptop/errors.py", "from fraudshield.errors import NotFound", {"laptop"}),
    ("infra/laptop/resources/table.py", "import infra.parameter", {"laptop"}),
    ("infra/laptop/process/port.py", "from infra.laptop.awslambda import runtime", {"laptop-floors"}),
    ("infra/laptop/cloud.py", "def lazily():\n    from infra.cli import laptop", {"laptop"}),
]


def verdicts(said: str) -> set[str]:
    """The ids of the contracts that do not hold, by what lint-imports says."""
    plain = re.sub(r"\x1b\[\d+m", "", said)
    found = {
        id_: re.search(rf"^{contract['name']} (KEPT|BROKEN)", plain, re.MULTILINE)
        for id_, contract in CONTRACTS.items()
    }
    assert all(found.values()), plain
    return {id_ for id_, verdict in found.items() if verdict and verdict[1] == "BROKEN"}


def commanded(tree: Path) -> tuple[int, set[str]]:
    """How the command ends that checks everything below `tree`, and what it found."""
    ran = subprocess.run([ROOT / ".ci/contracts", tree], capture_output=True, text=True, check=False)
    return ran.returncode, verdicts(ran.stdout + ran.stderr)


def copied(folder: Path) -> Path:
    """A copy of everything the contracts look at."""
    for tree in TREES:
        shutil.copytree(ROOT / tree, folder / tree, ignore=shutil.ignore_patterns("__pycache__", "artifact"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def plant(file: Path, line: str) -> None:
    file.parent.mkdir(exist_ok=True)
    with file.open("a") as source:
        source.write(f"\n{line}\n")


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages as the command lays them out: side by side, each folder with an `__init__.py`."""
    packages, copy = tmp_path_factory.mktemp("packages"), copied(tmp_path_factory.mktemp("tree"))
    for tree in TREES:
        shutil.move(copy / tree, packages / Path(tree).name)
    for folder in packages.rglob("*/"):
        (folder / "__init__.py").touch()
    return packages


@pytest.fixture(scope="module")
def linter(packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator["subprocess.Popen[str]"]:
    """A process that checks the packages at every line it is sent: to start one for each takes most of the time."""
    paths = (ROOT / "tests/contract/import_linter.py", ROOT / "pyproject.toml", tmp_path_factory.mktemp("cache"))
    command = [sys.executable, *map(str, paths)]
    with subprocess.Popen(command, cwd=packages, stdin=PIPE, stdout=PIPE, stderr=STDOUT, text=True) as process:
        yield process


def broken(linter: "subprocess.Popen[str]") -> set[str]:
    """The ids of the contracts that do not hold now."""
    assert linter.stdin
    assert linter.stdout
    linter.stdin.write("\n")
    linter.stdin.flush()
    lines: list[str] = []
    while (line := linter.stdout.readline()) not in {"", CHECKED}:
        lines.append(line)
    return verdicts("".join(lines))


@pytest.fixture
def planted(packages: Path) -> Iterator[Callable[[str, str], None]]:
    """A function that plants a line, which is gone after the test."""
    undo: list[Callable[[], object]] = []

    def planted(place: str, line: str) -> None:
        file = packages / place.removeprefix("layers/fraudshield/")
        if file.exists():
            undo.append(partial(file.write_text, file.read_text()))
        else:
            undo.append(partial(shutil.rmtree, file.parent))
        plant(file, line)
        file.with_name("__init__.py").touch()

    yield planted
    for take_back in undo:
        take_back()


def test_every_contract_holds() -> None:
    assert commanded(ROOT) == (0, set())


def test_the_command_ends_badly_when_one_is_broken(tmp_path: Path) -> None:
    place, line, expected = PLANTED[0]
    plant(copied(tmp_path) / place, line)
    assert commanded(tmp_path) == (1, expected)


@pytest.mark.parametrize(("place", "line", "expected"), PLANTED)
def test_a_planted_import_breaks_its_contract(
    planted: Callable[[str, str], None], linter: "subprocess.Popen[str]", place: str, line: str, expected: set[str]
) -> None:
    planted(place, line)
    assert broken(linter) == expected


def test_what_was_planted_is_gone_again(linter: "subprocess.Popen[str]") -> None:
    assert broken(linter) == set()


def test_every_contract_has_a_planted_violation() -> None:
    assert set(CONTRACTS) == set().union(*(expected for _, _, expected in PLANTED))


def test_the_online_path_loads_no_numpy_through_anybody_else() -> None:
    program = (
        "import sys, functions.model.app; print({'numpy', 'scipy', 'sklearn', 'joblib', 'pandas'} & set(sys.modules))"
    )
    loaded = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "set()"
