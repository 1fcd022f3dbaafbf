"""Ports of this machine: free ones, and who has one that is taken."""

import shutil
import socket
import subprocess
from pathlib import Path

from infra.laptop.errors import SetupError
from infra.laptop.process.asgi_server import LOOPBACK, bind

LISTENING = "0A"  # /proc/net/tcp's word for it
SHOWN = 120  # characters of a command line


def claim(port: int) -> socket.socket:
    """A listening socket on 127.0.0.1; port 0 takes a free one.

    Raises:
        SetupError: somebody else is there; says who, as far as this user may know.
    """
    try:
        return bind(port)
    except SetupError as exc:
        raise SetupError(f"Port {port} of {LOOPBACK} is taken by {owner(port)}") from exc


def free(port: int) -> int:
    """Return `port` if nobody has it, for 0 a free one, kept for a minute. Raises SetupError as `claim`."""
    with claim(port) as listening:
        number: int = listening.getsockname()[1]
        if port == 0:
            _reserve(listening)
        return number


def _reserve(listening: socket.socket) -> None:
    """Leave a connection in TIME_WAIT behind: the system then gives the port to nobody who asks for any.

    Who asks for just this one, with SO_REUSEADDR as every server here, gets it.
    """
    with socket.create_connection(listening.getsockname()):
        accepted, _ = listening.accept()
        accepted.close()  # who closes first is who waits


def owner(port: int) -> str:
    """The process that listens on a port, in words: pid and command."""
    pid = _by_proc(port) or _by_lsof(port)
    if pid is None:
        return "a process of another user"
    return f"process {pid} ({_command(pid)})"


def _by_proc(port: int) -> int | None:
    """Find the process on Linux, from the socket's inode to whoever has it open: see proc(5)."""
    sockets = {f"socket:[{inode}]" for inode in _inodes(port)}
    for descriptor in Path("/proc").glob("[0-9]*/fd/*") if sockets else ():
        try:
            if str(descriptor.readlink()) in sockets:
                return int(descriptor.parts[2])
        except OSError:  # gone, or not ours to see
            continue
    return None


def _inodes(port: int) -> list[str]:
    table = Path("/proc/net/tcp")
    rows = [line.split() for line in table.read_text().splitlines()[1:]] if table.exists() else []
    return [row[9] for row in rows if row[3] == LISTENING and int(row[1].rpartition(":")[2], 16) == port]


def _by_lsof(port: int) -> int | None:
    """Find the process on macOS, which has no /proc."""
    if shutil.which("lsof") is None:
        return None
    found = _said("lsof", "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-t").split()
    return int(found[0]) if found else None


def _command(pid: int) -> str:
    return _said("ps", "-o", "args=", "-p", str(pid)).strip()[:SHOWN] or "its command is unknown"


def _said(*command: str) -> str:
    if shutil.which(command[0]) is None:
        return ""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)  # noqa: S603
    return done.stdout
