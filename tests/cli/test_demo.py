"""`fraudshield demo`, as a stranger runs it."""

import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from infra.cli.path import PICTURE, TRANSACTIONS
from tests.cli.command import EXECUTABLE, Ran, interruptible, process

# Set-ups that would reach somewhere, or throttle, if they were used.
OF_THE_USER = {
    "AWS_PROFILE": "nobody",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:9",
    "AWS_SESSION_TOKEN": "a",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "http_proxy": "http://127.0.0.1:9",
    "SCORE_BURST_LIMIT": "1",
    "SCORE_RATE_LIMIT": "1",
    "TEST_API_KEY": "a-key-that-is-for-another-place",
}


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "lines" / "demo.log"


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the demo makes its home."""
    return tmp_path_factory.mktemp("homes")


@pytest.fixture(scope="module")
def demo(log: Path, homes: Path) -> Ran:
    return process("demo", "--log", str(log), given=b"", **OF_THE_USER, TMPDIR=str(homes))


def test_the_demo_ends_well_and_says_that_nothing_leaves(demo: Ran) -> None:
    assert (demo.code, demo.err) == (0, "")
    assert "Nothing leaves this machine" in demo.out


def test_the_demo_shows_the_readmes_payment_and_its_replay(demo: Ran) -> None:
    assert re.search(r"(?m)^test_123\s+PAYMENT\s+1,000\.00\s+0\.\d{4}\s+approve", demo.out)
    assert "the same bytes come back" in demo.out


def test_the_demo_says_where_the_api_is_and_that_it_asks_for_a_key(demo: Ran) -> None:
    assert re.search(r"http://127\.0\.0\.1:\d+ with a key", demo.out)
    assert "Sent without a key: 403, key_refused." in demo.out


def test_the_demo_names_its_store_and_splits_its_time(demo: Ran) -> None:
    assert re.search(r"The store: (dynoxide|moto)", demo.out)
    out = " ".join(demo.out.split())
    assert re.search(
        r"Start to first answer: \d+\.\d s\. Deciding 1,200: \d\.\d\d s .* keeping them: \d+\.\d s more", out
    )


def test_the_demo_leaves_no_home_and_no_server(demo: Ran, homes: Path) -> None:
    url = re.search(r"http://127\.0\.0\.1:\d+", demo.out)
    assert url
    assert not reachable(url[0])
    assert list(homes.iterdir()) == []


@pytest.mark.parametrize("moment", ["cloud.lock", "cloud.json"])  # it starts, it is up
def test_ctrl_c_leaves_no_home_and_no_server(tmp_path: Path, moment: str) -> None:
    homes = tmp_path / "homes"
    homes.mkdir()
    told = os.environ | OF_THE_USER | {"TMPDIR": str(homes)}
    command = [str(EXECUTABLE), "demo", "--log", str(tmp_path / "demo.log")]
    with subprocess.Popen(
        command,
        env=told,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=interruptible,  # noqa: PLW1509
    ) as running:
        until(lambda: list(homes.glob(f"*/{moment}")))
        told_by = list(homes.glob("*/cloud.json"))
        urls = re.findall(r"http://127\.0\.0\.1:\d+", told_by[0].read_text()) if told_by else []
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=300)
    assert (running.returncode, said) == (130, b"")
    assert not any(map(reachable, urls))
    assert list(homes.iterdir()) == []


def until(holds: Callable[[], object]) -> None:
    give_up_at = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < give_up_at
        time.sleep(0.02)


def reachable(url: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", urlsplit(url).port)) == 0


def test_the_demo_shows_ten_flagged_riskiest_first_with_their_truth(demo: Ran) -> None:
    found = re.findall(r"(?m)^sim-\d+\s+\w+\s+[\d,.]+\s+(0\.\d{4})\s+(review|block).*(fraud|genuine)", demo.out)
    risks = [float(risk) for risk, _, _ in found]
    assert len(found) == 10
    assert risks == sorted(risks, reverse=True)
    assert {truth for _, _, truth in found} == {"fraud", "genuine"}


def test_the_demo_counts_every_row_and_keeps_every_decision(demo: Ran) -> None:
    rows = len(TRANSACTIONS.read_text().splitlines()) - 1
    counts = re.findall(r"(?:approve|review|block) ([\d,]+)(?=\s{3}|\n)", demo.out)
    assert sum(int(count.replace(",", "")) for count in counts) == rows >= 1000
    assert f"{rows + 1:,} decisions lie in the table" in demo.out


def test_the_demo_fits_80_columns_and_floods_nothing(demo: Ran) -> None:
    assert max(len(line) for line in demo.out.splitlines() if "log lines" not in line) <= 80  # a path is not wrapped
    assert len(demo.out.splitlines()) < 50
    assert "\x1b" not in demo.out


def test_the_functions_lines_are_in_the_log(demo: Ran, log: Path) -> None:
    assert str(log) in demo.out
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    assert len([line for line in lines if line.get("message") == "decision"]) > 1000


def test_the_picture_shows_the_demo_and_loads_nothing() -> None:
    drawn = PICTURE.read_text().replace("&#160;", " ")
    assert "1,200 simulated payments" in drawn
    assert "url(http" not in drawn
    assert "@font-face" not in drawn
