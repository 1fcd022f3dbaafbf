"""The scanners of `make gates`, each in an environment of its own: what they are asked, and how they answer."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from infra.gates.finding import GateFinding, GateUnavailable
from infra.laptop.template import expand

ROOT = Path(__file__).parents[2]
BIN = ROOT / ".venv" / "gates" / "bin"
RULES = Path(__file__).with_name("semgrep.yaml")
SHIPPED = ("layers", "functions")
PROGRAMS = (*SHIPPED, "infra", "model")
FOUND_NOTHING_OR_SOMETHING = (0, 1)
QUIET = {
    "SEMGREP_SEND_METRICS": "off",
    "SEMGREP_ENABLE_VERSION_CHECK": "0",
    "LOG_LEVEL": "ERROR",
    "BC_SKIP_MAPPING": "TRUE",
}

Run = Callable[[Sequence[str]], str]  # what a scanner wrote


def run(command: Sequence[str]) -> str:
    """Run a scanner of the environment. Raises GateUnavailable: it is not there, or ended otherwise than it may."""
    program = BIN / command[0]
    if not program.exists():
        raise GateUnavailable(f"{command[0]} is not installed: make gates installs requirements/gates.txt")
    done = subprocess.run(  # noqa: S603 a program of ours
        [str(program), *command[1:]], cwd=ROOT, env=os.environ | QUIET, capture_output=True, text=True, check=False
    )
    if done.returncode not in FOUND_NOTHING_OR_SOMETHING:
        raise GateUnavailable(f"{command[0]} ended with {done.returncode}: {done.stderr[-500:]}")
    return done.stdout


def checkov(template: Path = ROOT / "template.yaml", ask: Run = run) -> list[GateFinding]:
    """Checkov's findings in the expanded template, by resource."""
    with tempfile.TemporaryDirectory() as folder:
        expanded = Path(folder) / "template.json"
        expanded.write_text(json.dumps(expand(template)), encoding="utf-8")
        said = ask(
            (
                "checkov",
                "--framework",
                "cloudformation",
                "--skip-download",
                "--file",
                str(expanded),
                "-o",
                "json",
                "--compact",
            )
        )
    told: Any = json.loads(said)
    reports = told if isinstance(told, list) else [told]
    return [
        GateFinding("checkov", one["check_id"], str(one["resource"]).rpartition(".")[2], one["check_name"])
        for report in reports
        for one in report.get("results", {}).get("failed_checks", [])
    ]


def bandit(folders: Sequence[str] = PROGRAMS, ask: Run = run) -> list[GateFinding]:
    """Bandit's findings of medium severity and above, by file."""
    said = ask(("bandit", "-r", *folders, "-f", "json", "-q", "-ll"))
    return [
        GateFinding(
            "bandit", one["test_id"], _below_root(one["filename"]), f"line {one['line_number']}: {one['issue_text']}"
        )
        for one in json.loads(said)["results"]
    ]


def secrets(paths: Sequence[str] = (), ask: Run = run) -> list[GateFinding]:
    """Detect-secrets' findings in what is committed, by file."""
    tracked = list(paths) or _tracked()
    said = ask(("detect-secrets", "scan", "--no-verify", "--exclude-files", r"requirements.*\.txt$", *tracked))
    return [
        GateFinding("secrets", one["type"], _below_root(file), f"line {one['line_number']}")
        for file, found in json.loads(said)["results"].items()
        for one in found
    ]


def semgrep(folders: Sequence[str] = PROGRAMS, ask: Run = run) -> list[GateFinding]:
    """The findings of our own rules, by file."""
    said = ask(("semgrep", "scan", "--config", str(RULES), "--json", "--quiet", "--no-git-ignore", *folders))
    told = json.loads(said)
    if told["errors"]:
        raise GateUnavailable(f"semgrep: {str(told['errors'])[:500]}")
    return [
        GateFinding(
            "semgrep",
            one["check_id"].rpartition(".")[2],
            _below_root(one["path"]),
            f"line {one['start']['line']}: {one['extra']['message']}",
        )
        for one in told["results"]
    ]


def _tracked() -> list[str]:
    listed = subprocess.run(("git", "ls-files", "-z"), cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S607
    if listed.returncode:
        raise GateUnavailable("git does not say which files are committed")
    return [name for name in listed.stdout.split("\0") if name]


def _below_root(path: str) -> str:
    found = Path(path)
    return str(found.relative_to(ROOT)) if found.is_absolute() and found.is_relative_to(ROOT) else str(found)


def said(line: str) -> None:
    """Tell people."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
