"""Where a fault is planted: a running laptop cloud, and what stands around it that can be broken."""

import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from infra.laptop.process import dynoxide
from tests.conftest import ROOT
from tests.faults.harness.cloud import END_S, Cloud, until, up
from tests.faults.harness.proxy import Proxy, proxied
from tests.faults.truth.observation import ObservedResponse

SETTINGS = {"RATE_LIMIT_REQUESTS": "100000", "RATE_LIMIT_WINDOW": "60"}  # an observer is never too quick
DISK = "30m"
LINKED = ("functions", "infra", "layers", "events", "requirements")
ENGINE = "dynoxide"
UNDER_WAY = "ApproximateNumberOfMessagesNotVisible"


@dataclass(slots=True)
class Pause:
    """Clients wait while processes are replaced under them: whoever deploys lets requests end first."""

    _free: threading.Condition = field(default_factory=threading.Condition)
    _under_way: int = 0
    _closed: bool = False

    @contextmanager
    def request(self) -> Iterator[None]:
        """A request, as soon as there is no pause."""
        with self._free:
            self._free.wait_for(lambda: not self._closed)
            self._under_way += 1
        try:
            yield
        finally:
            with self._free:
                self._under_way -= 1
                self._free.notify_all()

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """No request is under way while the block runs."""
        with self._free:
            self._closed = True
            self._free.wait_for(lambda: not self._under_way)
        try:
            yield
        finally:
            with self._free:
                self._closed = False
                self._free.notify_all()


@dataclass(frozen=True, slots=True)
class Site:
    """A cloud, with a proxy before its store or a copy of the repository where it has one."""

    cloud: Cloud
    home: Path
    proxy: Proxy | None = None
    copy: Path | None = None
    pause: Pause = field(default_factory=Pause)
    asides: list[ObservedResponse] = field(default_factory=list)  # what the fault's own requests were told

    def named(self, name: str) -> list[int]:
        """The cloud's processes whose command has `name` in it."""
        return sorted(pid for pid in self.cloud.pids if name in command(pid))

    def engine(self) -> list[int]:
        """The process of the store."""
        return [pid for pid in self.cloud.pids if command(pid).partition(" ")[0].endswith(f"/{ENGINE}")]

    @contextmanager
    def replaced(self, *handlers: str) -> Iterator[None]:
        """New processes take the place of these functions', as in a deployment, which lets end what is under way.

        Clients wait until the block has ended.
        """
        with self.pause():
            until(self._idle, END_S)
            for handler in handlers:
                for pid in self.named(f"bootstrap.py awslambdaric {handler}"):
                    with suppress(ProcessLookupError):
                        os.killpg(pid, signal.SIGKILL)
            yield

    def _idle(self) -> bool:
        """Whether no function has a message of a queue in its hands."""
        sqs = self.cloud.client("sqs")
        told = (
            sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[UNDER_WAY])["Attributes"]
            for url in sqs.list_queues()["QueueUrls"]
        )
        return all(one[UNDER_WAY] == "0" for one in told)


def command(pid: int) -> str:
    """The command line of a process; empty where it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""


@contextmanager
def own_engine(folder: Path, _: Path) -> Iterator[Site]:
    """A cloud as people start it."""
    home = folder / "home"
    with up(home, ROOT, **SETTINGS) as cloud:
        yield Site(cloud, home)


@contextmanager
def behind_proxy(folder: Path, engine: Path) -> Iterator[Site]:
    """A cloud whose store is elsewhere, and can be cut off."""
    home = folder / "home"
    with (
        dynoxide.serve(engine, folder / "outside.db") as store,
        proxied(store) as proxy,
        up(home, ROOT, **SETTINGS, AWS_ENDPOINT_URL_DYNAMODB=proxy.url) as cloud,
    ):
        yield Site(cloud, home, proxy=proxy)


@contextmanager
def small_disk(folder: Path, _: Path) -> Iterator[Site]:
    """A cloud whose folder is a disk of its own."""
    disk = folder / "disk"
    disk.mkdir()
    mounted("-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(disk))
    try:
        with own_engine(disk, folder) as site:
            yield site
    finally:
        unmount(disk)


@contextmanager
def copied(folder: Path, _: Path) -> Iterator[Site]:
    """A cloud of a copy of the repository, whose model can be damaged."""
    copy, home = folder / "copy", folder / "home"
    copy.mkdir()
    for name in LINKED:
        (copy / name).symlink_to(ROOT / name)
    shutil.copy(ROOT / "template.yaml", copy)
    shutil.copytree(ROOT / "model", copy / "model", ignore=shutil.ignore_patterns("__pycache__"))
    (copy / ".local").symlink_to(ROOT / ".local")
    with up(home, copy, **SETTINGS) as cloud:
        yield Site(cloud, home, copy=copy)


def mounted(*arguments: str) -> None:
    """Mount, or skip the test and say why."""
    if shutil.which("mount") is None:
        pytest.skip("NOT TESTED: there is no mount here")
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"NOT TESTED, for only root may mount: {done.stderr.strip()}")


def unmount(folder: Path) -> None:
    """Even while files there are open."""
    subprocess.run(["umount", "--lazy", str(folder)], check=True)
