"""A network of this process's own, on Linux: what it starts listens where no other process can connect.

See network_namespaces(7) and user_namespaces(7); a user needs no rights for them, but a system may refuse them.
"""

import ctypes
import fcntl
import os
import socket
import struct
import sys
from pathlib import Path

NEW_USER, NEW_NETWORK = 0x10000000, 0x40000000  # CLONE_NEWUSER, CLONE_NEWNET
SET_FLAGS = 0x8914  # SIOCSIFFLAGS of netdevice(7)
UP = 0x1 | 0x40  # IFF_UP and IFF_RUNNING
END_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)


def enter_own_network() -> bool:
    """Enter a new network that has a loopback device; whether the system lets us. Sockets made before stay outside.

    It changes the whole process, which must have no other thread yet.
    """
    if sys.platform != "linux":
        return False
    user, group = os.getuid(), os.getgid()
    if ctypes.CDLL(None).unshare(NEW_USER | NEW_NETWORK) != 0:
        return False
    Path("/proc/self/setgroups").write_text("deny", "ascii")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1", "ascii")  # files belong to whom they belonged
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1", "ascii")
    with socket.socket() as device:
        fcntl.ioctl(device, SET_FLAGS, struct.pack("16sH", b"lo", UP))
    return True


def end_with_parent(number: int) -> None:
    """Have the system send this process a signal when its parent is gone; to be called between fork and exec."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(END_WITH_PARENT, number)
