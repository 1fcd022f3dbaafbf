"""Every command that README and the pages show is run as it stands, on a laptop cloud, or is listed with a reason."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.contract.documented_command import ELSEWHERE, PAGES, commands, elsewhere
from tests.integration.laptop.test_cloud import Up, up

SHOWN = [(page, command) for page in PAGES for command in commands(page)]
RUN = {page: [command for of, command in SHOWN if of == page and not elsewhere(command)] for page in PAGES}
OWN = r"event-type (?:put|show)|rates (?:put|show)|(?:lists|policy) (?!check)[a-z]+"
AT_HOME = rf"(fraudshield (?:keys|invoke|batch|logs|redrive|replay|{OWN})\b)"
PRELUDE = 'set -euo pipefail\nexport $("$FRAUDSHIELD" keys --home "$STATE")\n'


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    with up(tmp_path_factory.mktemp("cloud") / "home") as running:
        yield running


@pytest.fixture(scope="module")
def folder(cloud: Up) -> Path:
    """What a clone is to its reader: the events, the command, a file of theirs."""
    folder = cloud.state.home.parent / "clone"
    folder.mkdir()
    (folder / "events").symlink_to(ROOT / "events")
    (folder / "infra").symlink_to(ROOT / "infra")
    (folder / "examples").symlink_to(ROOT / "examples")
    (folder / "Makefile").symlink_to(ROOT / "Makefile")
    (folder / ".venv").symlink_to(Path(sys.executable).parents[1])
    shutil.copy(ROOT / "events/transactions.csv", folder / "march.csv")
    return folder


def ports(cloud: Up) -> dict[str, str]:
    """Where this cloud answers, by the address that the pages name."""
    said = cloud.state.home.with_name(f"{cloud.state.home.name}.out").read_text()
    own = {"8000": cloud.address.gateway, "8004": re.findall(r"(?m)^notification +(\S+)", said)[0]}
    sdk = cloud.address.sdk
    return own | {"5005": sdk.services, "5006": sdk.dynamodb, "5007": sdk.functions}


def here(command: str, cloud: Up) -> str:
    """The command for a cloud on other ports than the default ones, with its state in another folder."""
    for port, url in ports(cloud).items():
        command = command.replace(f"http://127.0.0.1:{port}", url)
    command = re.sub(AT_HOME, rf"\1 --home {cloud.state.home}", command)
    return command.replace("curl ", "curl --fail-with-body ")


def ran(commands: list[str], cloud: Up, folder: Path) -> "subprocess.CompletedProcess[str]":
    told = {"FRAUDSHIELD": str(folder / ".venv/bin/fraudshield"), "STATE": str(cloud.state.home), "NO_COLOR": "1"}
    told |= {"FRAUDSHIELD_URL": cloud.address.gateway}
    script = PRELUDE + "".join(here(command, cloud) for command in commands)
    return subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=os.environ | told,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def has_aws() -> bool:
    aws = shutil.which("aws")
    return aws is not None and not subprocess.run([aws, "--version"], capture_output=True, check=False).returncode


@pytest.mark.parametrize("page", [page for page in PAGES if RUN[page]], ids=lambda page: str(page.relative_to(ROOT)))
def test_the_commands_of_a_page_run_one_after_the_other(page: Path, cloud: Up, folder: Path) -> None:
    run = [command for command in RUN[page] if has_aws() or not command.startswith("aws ")]
    done = ran(run, cloud, folder)
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"


@pytest.mark.parametrize("planted", ["make nonsense\n", ".venv/bin/fraudshield no-such-command\n", "./start.sh\n"])
def test_a_command_that_is_neither_listed_nor_there_fails(planted: str, cloud: Up, folder: Path) -> None:
    assert elsewhere(planted) is None
    assert ran([planted], cloud, folder).returncode != 0


def test_a_call_that_is_refused_fails(cloud: Up, folder: Path) -> None:
    assert ran(["curl -s http://127.0.0.1:8000/api/v1/nowhere\n"], cloud, folder).returncode != 0


def test_no_reason_outlives_its_command() -> None:
    assert ELSEWHERE.keys() - {elsewhere(command) for _, command in SHOWN} == set()
