"""The command as a whole: help, version, settings, explain, model info."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fraudshield import __version__
from infra.cli.path import MODEL_DIR, ROOT
from tests.cli.command import Run, process

SLOW = ("moto", "boto3", "botocore", "fastapi", "numpy", "sklearn")
EXAMPLE = ROOT / "events" / "transaction.json"


@pytest.fixture
def payment(tmp_path: Path) -> Path:
    return tmp_path / "payment.json"


def test_the_version_is_the_packages(run: Run) -> None:
    assert run("--version").out == f"fraudshield {__version__}\n"


@pytest.mark.parametrize("arguments", [["--help"], [], ["score", "-h"], ["explain", "-h"], ["demo", "-h"]])
def test_help_says_what_the_exit_codes_mean(run: Run, arguments: list[str]) -> None:
    ran = run(*arguments)
    assert ran.code == 0
    assert "Exit codes:" in ran.out
    assert max(map(len, ran.out.splitlines())) <= 80


def test_an_unknown_command_is_one_line(run: Run) -> None:
    ran = run("nonsense")
    assert (ran.code, ran.err) == (2, "fraudshield: No such command 'nonsense'. See fraudshield --help.\n")


@pytest.mark.parametrize("module", ["infra.cli.main", "infra.cli.score", "infra.cli.explain", "infra.cli.model"])
def test_only_the_demo_waits_for_an_sdk_and_a_web_framework(module: str) -> None:
    code = f"import sys, {module}; print(*(set({SLOW}) & sys.modules.keys()))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert loaded.stdout == "\n"


def test_a_slow_import_would_be_seen() -> None:
    code = f"import sys, infra.cli.demo_cloud; print(*(set({SLOW}) & sys.modules.keys()))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert {"boto3", "botocore"} <= set(loaded.stdout.split())


def test_an_explanation_adds_up(run: Run) -> None:
    ran = run("explain", EXAMPLE, "--json")
    why = json.loads(ran.out)
    assert ran.code == 0
    assert why["base"] + sum(share["contribution"] for share in why["contributions"]) == pytest.approx(
        why["margin"], abs=1e-9
    )


def test_an_explanation_shows_decision_reasons_and_every_feature(run: Run) -> None:
    out = run("explain", EXAMPLE).out
    why = json.loads(run("explain", EXAMPLE, "--json").out)
    assert f"risk {why['risk']:.4f}, {why['decision']}" in out
    assert all(reason["text"] in out for reason in why["reasons"])
    assert all(share["feature"] in out for share in why["contributions"])
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.parametrize("wrap", [lambda one: {"transaction": one}, lambda one: {"transactions": [one]}])
def test_what_the_api_would_be_sent_is_taken_too(run: Run, payment: Path, wrap: object) -> None:
    assert callable(wrap)
    payment.write_text(json.dumps(wrap(json.loads(EXAMPLE.read_text()))))
    assert run("explain", payment, "--json") == run("explain", EXAMPLE, "--json")


def test_a_real_process_explains_its_standard_input(run: Run) -> None:
    ran = process("explain", "-", "--json", given=EXAMPLE.read_bytes())
    assert (ran.code, ran.out) == (0, run("explain", EXAMPLE, "--json").out)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "It is not JSON"),
        (b"\xff", "It is not UTF-8"),
        (b"[1]", "found a list"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"transactions": []}', "Expected one transaction, found 0"),
        (b'{"transactions": [{}, {}]}', "Expected one transaction, found 2"),
        (b'{"transactions": 1}', "Expected one transaction, found a number"),
        (b'{"transaction": null}', "The transaction is not valid"),
        (b'{"step": 1, "step": 2}', "stands twice"),
        (b'{"amount": NaN}', "NaN is not a number"),
        (b'{"step": -1}', "step: Input should be greater than or equal to 0, found -1"),
        (b" " * ((1 << 20) + 1), "over 1,048,576 bytes"),
    ],
)
def test_what_cannot_be_explained_is_one_line_and_exit_code_2(
    run: Run, payment: Path, content: bytes, said: str
) -> None:
    payment.write_bytes(content)
    ran = run("explain", payment)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert ran.err.count("\n") == 1


def test_model_info_shows_each_metric_beside_its_baselines(run: Run) -> None:
    out = run("model", "info").out
    manifest = json.loads((MODEL_DIR / "manifest.json").read_text())
    scores = manifest["metrics"]["scores"]
    row = next(line for line in out.splitlines() if line.startswith("precision, recall"))
    assert all(f"{scores[name]['auprc']['value']:.4f}" in row for name in scores)
    assert manifest["sha256"] in out
    assert max(map(len, out.splitlines())) <= 80


def test_model_info_as_json_has_what_the_manifest_says(run: Run) -> None:
    info = json.loads(run("model", "info", "--json").out)
    manifest = json.loads((MODEL_DIR / "manifest.json").read_text())
    assert (info["model_version"], info["metrics"]) == (manifest["version"], manifest["metrics"])
    assert info["thresholds"] == manifest["thresholds"]


def test_the_command_line_comes_before_the_environment_and_that_before_the_file(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env_file = tmp_path / "settings"
    env_file.write_text("MODEL_DIR=/of-the-file\n")
    monkeypatch.delenv("MODEL_DIR")
    assert "/of-the-file" in run("model", "info", "--env-file", env_file).err
    monkeypatch.setenv("MODEL_DIR", "/of-the-environment")
    assert "/of-the-environment" in run("model", "info", "--env-file", env_file).err
    shutil.copytree(MODEL_DIR, tmp_path / "model")
    assert run("model", "info", "--env-file", env_file, "--model-dir", tmp_path / "model").code == 0


def test_a_damaged_model_is_refused(run: Run, tmp_path: Path) -> None:
    shutil.copytree(MODEL_DIR, tmp_path / "model")
    with (tmp_path / "model" / "model.json").open("a") as file:
        file.write(" ")
    ran = run("explain", EXAMPLE, "--model-dir", tmp_path / "model")
    assert ran.code == 2
    assert "sha256 of model.json" in ran.err


@pytest.mark.parametrize("name", ["DATABASE_URL", "EMAIL_PASSWORD"])
def test_a_retired_setting_gets_its_line_and_stops_nothing(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "x")
    ran = run("model", "info")
    assert (ran.code, ran.err.count("\n")) == (0, 1)
    assert f"{name} is not used any more" in ran.err


def test_no_colour_code_leaves_where_colour_is_not_wanted() -> None:
    ran = process("explain", str(EXAMPLE), NO_COLOR="1", TERM="xterm-256color")
    assert "\x1b" not in ran.out


def test_a_terminal_without_unicode_is_no_error() -> None:
    ran = process("explain", str(EXAMPLE), PYTHONIOENCODING="ascii")
    assert ran.code == 0
    assert "|###" in ran.out


def test_a_file_that_is_not_there_is_told_in_whole_sentences(run: Run) -> None:
    said = run("score", "no-such.csv").err
    assert said.endswith("'no-such.csv': No such file or directory. See fraudshield score --help.\n")
