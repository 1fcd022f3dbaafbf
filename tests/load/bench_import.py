"""What a function's import costs beyond the libraries it stands on: most of a cold start, in user CPU.

`python -m pytest tests/load/bench_import.py`
"""

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from tests.load.conftest import alternate, measure, ratio, report

ROOT = Path(__file__).parents[2]
LIBRARIES = "fastapi, mangum, boto3, aws_lambda_powertools"
GOALS = {"functions.model.app": 1.2, "functions.gateway.app": 1.1}


@pytest.mark.parametrize(("function", "goal"), GOALS.items())
def test_import_against_the_libraries_alone(
    benchmark: BenchmarkFixture, function: str, goal: float, tmp_path: Path
) -> None:
    """A fresh process each, in turn; both find bytecode, as they do in Lambda's layers."""
    ours, theirs = importer(function, tmp_path), importer(LIBRARIES, tmp_path)
    for once in (ours, theirs):
        once()
    spent, least = alternate([ours, theirs], rounds=15, clock=childrens_cpu_s)
    measure(benchmark, ours, rounds=3)
    times, low, high = ratio(spent, least)
    figure = f"{times:.2f} x ({spent.at(50):.0f} ms against {least.at(50):.0f} ms)"
    report(benchmark, f"user CPU: import {function} / libraries", figure, f"{low:.2f} - {high:.2f} x", f"<= {goal} x")


def importer(modules: str, bytecode: Path) -> Callable[[], object]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= {
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "layers/fraudshield")]),
        "PYTHONPYCACHEPREFIX": str(bytecode),
    }
    command = [sys.executable, "-c", f"import {modules}"]
    return lambda: subprocess.run(command, check=True, env=environment, cwd=ROOT)


def childrens_cpu_s() -> float:
    """User CPU of all processes that we started and that have ended."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
