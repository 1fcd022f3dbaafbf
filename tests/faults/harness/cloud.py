"""The laptop cloud as processes that can be killed, on free ports and a home of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.laptop.state import CloudAddress, StateDirectory

ROOT = Path(__file__).parents[3]
PROGRAM = "from infra.cli.main import main; main()"
UNLIMITED = {"SCORE_RATE_LIMIT": "10000", "SCORE_BURST_LIMIT": "5000"}  # more than ever comes
START_S = 120.0  # on the slowest machine
END_S = 60.0
POLL_S = 0.02


@dataclass(frozen=True, slots=True)
class Cloud:
    """One that runs."""

    process: "subprocess.Popen[str]"
    state: StateDirectory
    address: CloudAddress
    key: str
    clients: dict[str, Any] = field(default_factory=dict)

    @property
    def gateway(self) -> str:
        """Its URL."""
        return self.address.gateway

    def client(self, service: str) -> Any:
        """A boto3 client for what stands behind it, made once."""
        if service not in self.clients:
            self.clients[service] = self.address.sdk.client(service)
        return self.clients[service]

    @property
    def pids(self) -> frozenset[int]:
        """The process and all that it has started, in whatever session."""
        return frozenset({self.process.pid}) | descendants(self.process.pid)

    def kill(self) -> None:
        """End every process at once, as a power cut would; returns when none is left."""
        there = self.pids
        for pid in there:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        until(lambda: not alive(there), END_S)


@contextmanager
def up(home: Path, root: Path = ROOT, **settings: str) -> Iterator[Cloud]:
    """`fraudshield up` on `home`; whatever is left of it at the end is killed. What it said is in `home.out`.

    `root` is the folder of the repository, or of a copy that is to run instead.
    """
    command = [sys.executable, "-c", PROGRAM, "up", "--port-base", "0", "--home", str(home)]
    said = home.with_suffix(".out")
    with said.open("a") as out:
        told = os.environ | UNLIMITED | settings
        process = subprocess.Popen(command, cwd=root, env=told, stdout=out, stderr=out, text=True)
    state = StateDirectory(home)
    try:
        until(lambda: state.running() or process.poll() is not None, START_S)
        address = state.running()
        assert address, said.read_text()
        cloud = Cloud(process, state, address, json.loads(state.keys.read_text())["TEST_API_KEY"])
        yield cloud
        for client in cloud.clients.values():
            client.close()
        cloud.kill()
    finally:
        process.kill()
        process.wait()


def descendants(pid: int) -> frozenset[int]:
    """Its children, theirs, and so on."""
    parents = {one: parent for one, (parent, _) in table().items()}
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return frozenset(found - {pid})


def alive(pids: frozenset[int]) -> set[int]:
    """Those that still run; a zombie does not."""
    there = table()
    return {pid for pid in pids if pid in there and not there[pid][1].startswith("Z")}


def table() -> dict[int, tuple[int, str]]:
    """Every process of this machine: its parent and its state."""
    said = subprocess.run(["ps", "-e", "-o", "pid=,ppid=,stat="], capture_output=True, text=True, check=True).stdout
    return {int(pid): (int(parent), state) for pid, parent, state in (line.split() for line in said.splitlines())}


def until(holds: Callable[[], object], within_s: float, every_s: float = POLL_S) -> None:
    """Wait for what must come, and fail when it does not."""
    give_up_at = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < give_up_at, f"it did not happen within {within_s:g} s"
        time.sleep(every_s)
