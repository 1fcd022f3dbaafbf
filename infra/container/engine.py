"""The container engine of this machine, as far as `sam local` needs it: is it there, does it have the base image."""

import json
import platform
import shutil
import subprocess
from dataclasses import dataclass
from ipaddress import ip_network

from infra.laptop.errors import SetupError

IMAGE = "public.ecr.aws/lambda/python:3.13"
ARCHITECTURE = {"x86_64": "x86_64", "amd64": "x86_64", "arm64": "arm64", "aarch64": "arm64"}
MISSING = (
    "sam local runs functions in containers, and there is no Docker engine here: install Docker Engine"
    " (https://docs.docker.com/engine/install) or Docker Desktop, start it, and see that `docker info` answers"
)
SPEAKS_S = 20.0
HOST = "host.docker.internal"  # how Docker Desktop calls the machine that it runs on


@dataclass(frozen=True, slots=True)
class ContainerEngine:
    """An engine that answers. `address` is the one of this machine that containers reach, under the name `host`.

    `has_image` says whether the base image is here already, so that nothing need be pulled.
    """

    address: str
    host: str
    has_image: bool


def container_engine() -> ContainerEngine:
    """Looks for it. Raises SetupError, which says what to install."""
    if shutil.which("docker") is None or not _said("info", "--format", "{{.ServerVersion}}"):
        raise SetupError(MISSING)
    gateway = _bridge_gateway()
    has_image = bool(_said("image", "inspect", "--format", "{{.Id}}", f"{IMAGE}-{_architecture()}"))
    if platform.system() == "Linux" and gateway:
        return ContainerEngine(gateway, gateway, has_image)
    return ContainerEngine("127.0.0.1", HOST, has_image)


def _bridge_gateway() -> str:
    """The address of this machine in the network that containers are in by default."""
    told = _said("network", "inspect", "bridge", "--format", "{{json .IPAM.Config}}")
    networks = [one for one in json.loads(told or "null") or () if ":" not in one.get("Subnet", ":")]
    return next((one.get("Gateway") or str(ip_network(one["Subnet"])[1]) for one in networks), "")


def _architecture() -> str:
    return ARCHITECTURE.get(platform.machine().lower(), "x86_64")


def _said(*words: str) -> str:
    """What docker says; nothing where it fails."""
    try:
        done = subprocess.run(  # noqa: S603 docker
            ["docker", *words],  # noqa: S607 the user's
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SPEAKS_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
