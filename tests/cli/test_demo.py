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
    assert "PAYMENT of 1,000.00 (test_123, the README's): approve" in demo.out
    assert "the same bytes come back" in demo.out


def test_the_demo_says_where_the_api_is_and_that_it_asks_for_a_key(demo: Ran) -> None:
    assert re.search(r"(?m)^ *\d+\.\d s  up at http://127\.0\.0\.1:\d+", demo.out)
    assert "Sent without a key: 403, key_refused." in demo.out


def test_the_demo_names_its_store_and_splits_its_time(demo: Ran) -> None:
    assert re.search(r"the store is (dynoxide|moto)", demo.out)
    out = " ".join(demo.out.split())
    assert re.search(r"Deciding 1,200 payments took \d+\.\d\d s .* keeping them \d+\.\d s more", out)


def test_the_demo_says_what_it_does_as_it_begins(demo: Ran) -> None:
    begun = [float(seconds) for seconds in re.findall(r"(?m)^ *(\d+\.\d) s  \w", demo.out)]
    assert len(begun) >= 6
    assert begun == sorted(begun)


def test_the_demo_ends_with_what_to_type_next(demo: Ran) -> None:
    last = demo.out.rstrip().splitlines()[-3:]
    assert last[0].startswith("next: make up")
    assert all(".venv/bin/fraudshield" in line for line in last[1:])


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


def test_the_demo_shows_every_theft_those_that_were_caught_first(demo: Ran) -> None:
    found = re.findall(r"(?m)^sim-\d+\s+[\d,.]+\s+0\.\d{4}\s+(approve|review|block)", demo.out)
    caught = re.search(r"Caught: (\d+) of (\d+) thefts", demo.out)
    assert caught
    assert [len(found) - found.count("approve"), len(found)] == list(map(int, caught.groups()))
    assert "approve" not in found[: int(caught[1])]


def test_the_demo_says_where_every_decision_is(demo: Ran) -> None:
    rows = len(TRANSACTIONS.read_text().splitlines()) - 1
    out = " ".join(demo.out.split())
    parked = re.search(r"Parked: (none|[\d,]+ of ([\d,]+) decisions)", out)
    assert parked
    lie = re.search(r"([\d,]+) decisions lie in the table", out)
    assert lie
    missing = rows + 1 - int(lie[1].replace(",", ""))
    assert missing == 0 or f"{missing:,} of them wait there still" in out


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
