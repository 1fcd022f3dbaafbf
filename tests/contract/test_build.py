"""What a build takes in and puts out, for both architectures, on any host."""

import os
import re
import shlex
import struct
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.compiler import NoCompiler, compiler
from infra.laptop.template import load
from tests.contract.bytecode import LAMBDA, problems
from tests.contract.expanded import ROOT
from tests.contract.making import make

LIMIT_BYTES = 262_144_000  # unzipped, function and layers: AWS Lambda quotas
MACHINE = {"x86_64": 62, "arm64": 183}  # e_machine in the ELF header
WHEELS = {"x86_64": "x86_64", "arm64": "aarch64"}


def size_bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def machines(folder: Path) -> set[int]:
    """Of every shared object below."""
    return {struct.unpack_from("<H", file.read_bytes()[:20], 18)[0] for file in shared_objects(folder)}


def shared_objects(folder: Path) -> Iterator[Path]:
    return (file for file in folder.rglob("*.so*") if file.is_file())


@pytest.mark.parametrize("architecture", WHEELS)
@pytest.mark.parametrize(("folder", "target"), [("layers/runtime", "RuntimeLayer"), ("layers/ml", "MlLayer")])
def test_a_layer_takes_hashed_wheels_of_the_architecture_for_the_runtime(
    folder: str, target: str, architecture: str
) -> None:
    planned = make(folder, "--dry-run", "--makefile", f"{architecture}/Makefile", f"build-{target}", "ARTIFACTS_DIR=/a")
    assert planned.returncode == 0
    platforms = re.findall(r"--platform manylinux\w*?_(x86_64|aarch64)\b", planned.stdout)
    assert set(platforms) == {WHEELS[architecture]}
    for option in ("--require-hashes", "--only-binary=:all:", "--python-version 3.13", "--no-compile", "--no-deps"):
        assert option in planned.stdout


def test_an_unknown_architecture_is_refused() -> None:
    refused = make("layers/runtime", "--dry-run", "build-RuntimeLayer", "ARCHITECTURE=riscv", "ARTIFACTS_DIR=/a")
    assert refused.returncode != 0
    assert "ARCHITECTURE is x86_64 or arm64" in refused.stderr


def test_the_architecture_parameter_chooses_the_makefile() -> None:
    template = load(ROOT / "template.yaml")
    metadata = template["Resources"]["RuntimeLayer"]["Metadata"]
    assert metadata["ContextPath"] == {"Fn::Sub": "layers/runtime/${Architecture}"}
    assert metadata["BuildArchitecture"] == {"Ref": "Architecture"}
    for architecture in template["Parameters"]["Architecture"]["AllowedValues"]:
        assert (ROOT / "layers/runtime" / architecture / "Makefile").is_file()


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_build_and_deploy_read_one_line_of_parameters_that_the_template_has(environment: str) -> None:
    config = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))[environment]
    given = dict(one.split("=") for one in config["global"]["parameters"]["parameter_overrides"].split())
    assert given.keys() <= load(ROOT / "template.yaml")["Parameters"].keys()
    assert given["Stage"] == environment
    assert given["DeletionProtection"] == str(environment == "prod").lower()
    assert config["deploy"]["parameters"]["confirm_changeset"] is (environment == "prod")
    assert not any("parameter_overrides" in config[command]["parameters"] for command in ("build", "deploy"))


@pytest.mark.parametrize("lock", ["layers/runtime/requirements.txt", "layers/ml/requirements.txt"])
def test_a_lock_pins_every_package_and_names_no_index(lock: str) -> None:
    lines = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    assert lines
    for line in lines:
        assert re.match(r"[a-z0-9.-]+==\S+ ", line)
        assert "--hash=sha256:" in line
        assert "://" not in line


def test_our_package_lands_where_python_looks_without_compiled_files(tmp_path: Path) -> None:
    assert make("layers/fraudshield", "build-FraudshieldLayer", f"ARTIFACTS_DIR={tmp_path}").returncode == 0
    assert (tmp_path / "python/fraudshield/scoring/scoring.py").is_file()
    assert not list(tmp_path.rglob("__pycache__"))


def test_the_model_layer_holds_the_two_files_that_are_read_and_no_pickle(tmp_path: Path) -> None:
    assert make("model/artifact", "build-ModelLayer", f"ARTIFACTS_DIR={tmp_path}").returncode == 0
    built = sorted(str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file())
    assert built == ["model/manifest.json", "model/model.json"]


@pytest.mark.long
@pytest.mark.parametrize("architecture", MACHINE)
def test_sam_builds_function_and_layers_for_the_architecture_far_below_the_limit(
    architecture: str, tmp_path: Path
) -> None:
    found = compiler()
    compileall = "" if isinstance(found, NoCompiler) else shlex.join(found)
    sam = Path(sys.executable).with_name("sam")
    subprocess.run(
        [sam, "build", "--no-cached", "--parameter-overrides", f"Architecture={architecture}", "--build-dir", tmp_path],
        cwd=ROOT,
        env=os.environ | {"SAM_CLI_TELEMETRY": "0", "COMPILEALL": compileall},
        check=True,
        capture_output=True,
    )
    assert machines(tmp_path) == {MACHINE[architecture]}
    if compileall:
        assert [problems(tmp_path / layer / "python", LAMBDA) for layer in ("RuntimeLayer", "FraudshieldLayer")] == [
            [],
            [],
        ]
    assert (tmp_path / "ModelFunction/functions/model/app.py").is_file()
    assert (tmp_path / "ModelLayer/model/model.json").is_file()
    assert not [*tmp_path.rglob("*.joblib"), *tmp_path.rglob("*.pkl"), *tmp_path.rglob("*.pickle")]
    learning = size_bytes(tmp_path / "MlLayer")
    assert size_bytes(tmp_path) - learning < LIMIT_BYTES / 10
    layers = ("RuntimeLayer", "FraudshieldLayer", "ModelLayer", "BatchTaskFunction")
    assert learning + sum(size_bytes(tmp_path / one) for one in layers) < LIMIT_BYTES


@pytest.mark.long
@pytest.mark.parametrize("architecture", MACHINE)
def test_the_learning_library_leaves_a_fifth_of_the_limit_to_the_rest(architecture: str, tmp_path: Path) -> None:
    built = make("layers/ml", "--makefile", f"{architecture}/Makefile", "build-MlLayer", f"ARTIFACTS_DIR={tmp_path}")
    assert built.returncode == 0, built.stderr
    assert machines(tmp_path) == {MACHINE[architecture]}
    assert size_bytes(tmp_path) < LIMIT_BYTES * 0.8
