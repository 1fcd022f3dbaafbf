"""Requests made up from the contract, sent to a laptop cloud of its own for some minutes: `make fuzz`.

FUZZ_SECONDS says for how long, FUZZ_SEED what is made up, FUZZ_CHECKS which of the checks count.
"""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.faults.harness.cloud import ROOT, up

SECONDS = int(os.environ.get("FUZZ_SECONDS", "120"))
SEED = os.environ.get("FUZZ_SEED", "1")
PROGRAM = ROOT / ".venv/fuzz/bin/st"
KEY = "fuzzing-administrator-0001"  # of a cloud that is gone when this ends
SETTINGS = {"ADMIN_API_KEY": KEY, "RATE_LIMIT_REQUESTS": "100000", "RATE_LIMIT_WINDOW": "1"}
CHECKS = os.environ.get("FUZZ_CHECKS") or ",".join(
    (
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_schema_conformance",
        "allowed_data_acceptance",
    )
)
TO_END_S = 120  # for the report, on the slowest machine
REQUEST_S = 30


def main() -> int:
    """Fuzz; the exit status is Schemathesis's."""
    sys.stdout.write(f"Fuzzing for {SECONDS} s with the seed {SEED}; FUZZ_SECONDS and FUZZ_SEED change that\n")
    sys.stdout.flush()
    with TemporaryDirectory(prefix="fuzz-") as folder, up(Path(folder) / "home", ROOT, **SETTINGS) as cloud:
        command = [
            *(str(PROGRAM), "--no-color", "run", f"{cloud.gateway}/openapi.json", "--url", cloud.gateway),
            *("-H", f"X-API-Key: {KEY}", "--checks", CHECKS, "--seed", SEED, "--max-time", str(SECONDS)),
            *("--workers", "2", "--request-timeout", str(REQUEST_S), "--generation-database", "none"),
            *("--continue-on-failure", "--max-failures", "100", "--warnings", "off"),
        ]
        told = os.environ | {"SCHEMATHESIS_HOOKS": "tests.fuzz.hooks", "PYTHONPATH": str(ROOT)}
        return subprocess.run(command, cwd=folder, env=told, timeout=SECONDS + TO_END_S, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
